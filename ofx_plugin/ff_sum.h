/* A copy of bytes and a number that tells them from others, in one go: memory is what either costs. Read by ff_pixels.c. */
#ifndef FF_SUM_H
#define FF_SUM_H
#include <stddef.h>
#include <stdint.h>

typedef struct { uint64_t high, low, at; } ff_sum; /* begins as zeros; at: bytes so far, a part's last 16 filled up */

void ff_copy_sum(uint8_t *to, const uint8_t *from, size_t size, ff_sum *sum);
void ff_sum_key(const ff_sum *sum, uint8_t key[16]); /* never all zeros, which would say that it is not known */
#endif
