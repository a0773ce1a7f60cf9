/* A worker as the plugin asks it: docs/worker.md in C. One pool of links for the whole process; read by ff_ofx.c.
   A link is used by one thread at a time; links are kept when instances go, for hosts make instances anew each frame. */
#ifndef FF_IPC_H
#define FF_IPC_H
#include "ff_system.h"

enum { FF_OPEN = 0x30, FF_CLOSE = 0x31, FF_TRACK = 0x32, FF_FRAME = 0x33, FF_EXPORT = 0x34 };
enum { FF_OK = 0, FF_NO_SESSION = 6, FF_NO_BLOCK = 7, FF_ENDING = 9, FF_NOT_TRACKED = 22, FF_CANCELLED = 30 };
enum { FF_LOST = 1000, FF_STOPPED, FF_LATE, FF_LOCAL }; /* ours: no worker, the host said stop, too long, memory and the like */
enum { FF_PASSED = 2 };

typedef struct { /* one thing that is asked for; text: what is wrong, or the answer's */
    const char *worker, *job; /* its name; the JSON of OPEN */
    double until;             /* ff_seconds() at which to give up; 0: never */
    int (*stop)(void *);
    void (*progress)(void *, const char *stage, unsigned done, unsigned total);
    void *who;
    char text[FF_TEXT];
    int begun; /* the worker has said that it is at work on this very question */
} ff_call;

typedef struct { unsigned number, tracked, width, height, neighbours; int first, last; } ff_session;

typedef struct { uint32_t block, format; uint64_t offset; int64_t row_bytes; int32_t x1, y1, x2, y2; } ff_image;
enum { FF_KEYS_OF_PIXELS = 2 }; /* of FRAME's flags */
typedef struct { int32_t number; uint32_t zero; ff_image image; uint8_t content[16]; } ff_input;
typedef struct { uint32_t layer, zero; ff_image image; } ff_output;

typedef struct ff_link ff_link;

/* A question in its own words: called once the job is open on a link, and again on another one when that worker died.
   Gives the status of what it asked. */
typedef int (*ff_question)(ff_link *link, const ff_session *session, ff_call *call, void *given);
int ff_with_worker(ff_call *call, ff_question ask, void *given);

int ff_ask(ff_link *link, int kind, const void *payload, size_t size, ff_call *call);
const char *ff_answer(const ff_link *link, size_t *size); /* of the last question; with a zero after it */
int ff_block(ff_link *link, uint64_t size, ff_call *call, uint8_t **bytes, uint32_t *block);
void ff_forget_idle(void); /* close every link that nobody uses */

void ff_hmac_sha256(const uint8_t *key, const void *data, size_t size, uint8_t *digest); /* a key of 32 bytes */
#endif
