"""A package, so that it is this one that is imported: pyblish-base installs a package of the same name."""
