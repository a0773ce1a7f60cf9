/* Pictures as OpenFX has them: where they lie, copies of them, and an artist's matte. Read by ff_ofx.c. */
#ifndef FF_PIXELS_H
#define FF_PIXELS_H
#include "ff_ipc.h"

typedef struct {
    uint8_t *data; /* pixel (x1, y1) */
    int row, bounds[4], format, channels;
    double par;
} ff_picture;

int ff_format_of(const char *depth);        /* of OpenFX; the worker's number, 0: none */
int ff_picture_check(ff_picture *picture);  /* 0: can be read */
ff_picture ff_area(const int *window, int format); /* RGBA, rows without holes, data yet to be set */
int ff_same_area(const ff_picture *one, const ff_picture *other);
uint64_t ff_span(const ff_picture *picture); /* bytes in the block */
ff_image ff_image_of(const ff_picture *picture, uint64_t start); /* as it lies there; what starts at `start` */
void ff_pack(const ff_picture *picture, uint8_t *first, uint8_t key[16]); /* first: of pixel (x1, y1) in the block */
void ff_copy(ff_picture *to, const ff_picture *from, const int *window);
void ff_fill(ff_picture *to, const ff_picture *from, const int *window);
void ff_weigh(ff_picture *to, const ff_picture *source, const ff_picture *matte, const int *window);
#endif
