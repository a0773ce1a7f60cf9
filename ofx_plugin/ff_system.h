/* What differs between the systems: sockets, shared memory, threads, starting a worker. Read by ff_ipc.c and ff_ofx.c. */
#ifndef FF_SYSTEM_H
#define FF_SYSTEM_H
#include <stddef.h>
#include <stdint.h>

enum { FF_TEXT = 1024, FF_PATH = 2048 };
enum { FF_SHARED = 1, FF_NAMED = 2 };

typedef struct { /* memory that a worker can be told of */
    uint8_t *bytes;
    uint64_t size;
    int how, descriptor; /* descriptor: -1 where there is none; elsewhere the mapping's handle */
    char name[64], path[FF_PATH];
    void *mapping;
} ff_memory;

void ff_lock(void); /* one lock for the whole process, held for moments */
void ff_unlock(void);
double ff_seconds(void);
void ff_sleep(double seconds);
int ff_random(uint8_t *bytes, size_t count);
int ff_process(void);
int ff_thread(void (*run)(void *), void *given);

/* Text of a small file of this user's alone, with its end zero; -1: absent; -2: not as it must be, why says what. */
int ff_read_private(const char *folder, const char *file, char *text, int size, char *why);
void ff_runtime_folder(char *path);

intptr_t ff_connect(const char *endpoint); /* "unix PATH" or "tcp HOST PORT"; -1: nobody listens */
void ff_disconnect(intptr_t end);
int ff_send(intptr_t end, const void *bytes, size_t count, int descriptor);
int ff_receive(intptr_t end, void *bytes, size_t count, int milliseconds); /* count; 0: nothing came; -1: lost */
int ff_stale(intptr_t end); /* an idle connection that the other end has left */

int ff_memory_make(ff_memory *memory, uint64_t size, int how, const char *folder);
void ff_memory_free(ff_memory *memory);

/* Start a worker and wait until it answers: 0; else why says what is wrong. stop: asked now and then. */
int ff_start_worker(const char *name, int (*stop)(void *), void *who, char *why);
#endif
