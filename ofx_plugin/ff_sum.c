/* See ff_sum.h. The sum of 128-bit products of key and data, a key for each place: NH of UMAC (Black, Halevi, Krawczyk,
   Krovetz, Rogaway 1999), its keys made by counting. It finds what differs by chance; it is no defence against a forger. */
#include "ff_sum.h"
#include <string.h>
#if defined __x86_64__
#include <emmintrin.h>
#endif

/* Source: the fractional bits of the square roots of 2, 3, 5 and 7; the counted ones made odd. */
#define FIRST 0x6a09e667f3bcc908u
#define SECOND 0xbb67ae8584caa73bu
#define STEP_FIRST 0x3c6ef372fe94f82bu
#define STEP_SECOND 0xa54ff53a5f1d36f1u
enum { PAIR = 16 };
typedef unsigned __int128 wide;

static uint64_t word(const uint8_t *bytes) {
    uint64_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

/* Past the caches, as a large memcpy does: what is written is read by another process, from memory. */
static void keep(uint8_t *to, uint64_t value) {
#if defined __x86_64__
    _mm_stream_si64((long long *)(void *)to, (long long)value);
#else
    memcpy(to, &value, sizeof value);
#endif
}

static wide product(uint64_t one, uint64_t other, uint64_t place) {
    return (wide)(one ^ (FIRST + place * STEP_FIRST)) * (other ^ (SECOND + place * STEP_SECOND));
}

void ff_copy_sum(uint8_t *to, const uint8_t *from, size_t size, ff_sum *sum) {
    wide even = (wide)sum->high << 64 | sum->low, odd = 0;
    uint64_t place = sum->at / PAIR;
    size_t at = 0, left = size % PAIR;
    for (; at + 2 * PAIR <= size; at += 2 * PAIR, place += 2) {
        uint64_t a = word(from + at), b = word(from + at + 8), c = word(from + at + 16), d = word(from + at + 24);
        keep(to + at, a);
        keep(to + at + 8, b);
        keep(to + at + 16, c);
        keep(to + at + 24, d);
        even += product(a, b, place);
        odd += product(c, d, place + 1);
    }
    for (; at < size; at += PAIR, place++) {
        uint8_t last[PAIR] = {0};
        size_t count = size - at < PAIR ? left : PAIR;
        memcpy(last, from + at, count);
        memcpy(to + at, last, count);
        even += product(word(last), word(last + 8), place);
    }
#if defined __x86_64__
    _mm_sfence();
#endif
    even += odd;
    *sum = (ff_sum){(uint64_t)(even >> 64), (uint64_t)even, place * PAIR};
}

void ff_sum_key(const ff_sum *sum, uint8_t key[16]) {
    uint64_t high = sum->high ^ sum->at * STEP_SECOND, low = sum->low;
    if (!high && !low) low = 1;
    memcpy(key, &high, 8);
    memcpy(key + 8, &low, 8);
}
