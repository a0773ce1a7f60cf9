"""`python -m ff_vfx.apps.cli`, for where the console script is not on the path."""

from ff_vfx.apps.cli.entry import main

if __name__ == "__main__":
    main()
