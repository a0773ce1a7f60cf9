/* See ff_system.h. Windows was compiled, never run. */
#define _GNU_SOURCE
#define _DARWIN_C_SOURCE
#include "ff_system.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define START_SECONDS 60.0
#define COMMAND "FF_VFX_WORKER_COMMAND"
#define PROGRAM "ff-vfx-worker"

/* OCIO, the config, is kept but for what MLT's openfx module makes of none: a name that no config can have. */
static const char *const unwanted[] = {"LD_", "DYLD_", "PYTHON", "QT_", "OCIO_", "OCIO=ocio://ocio://", 0};

static int is_unwanted(const char *variable) {
    for (int i = 0; unwanted[i]; i++)
        if (!strncmp(variable, unwanted[i], strlen(unwanted[i]))) return 1;
    return 0;
}

/* The line in Contents/Resources/worker.txt of our own bundle, which `ff-vfx hosts install` writes. */
static int noted_command(const char *library, char separator, char *path) {
    char file[FF_PATH];
    snprintf(file, sizeof file, "%s", library);
    for (int up = 0; up < 2; up++) {
        char *last = strrchr(file, separator);
        if (!last) return 0;
        *last = 0;
    }
    strncat(file, "/Resources/worker.txt", sizeof file - strlen(file) - 1);
    FILE *stream = fopen(file, "r");
    if (!stream) return 0;
    char *line = fgets(path, FF_PATH, stream);
    fclose(stream);
    if (!line) return 0;
    path[strcspn(path, "\r\n")] = 0;
    return *path != 0;
}

#ifdef _WIN32
#include <winsock2.h>
#include <ws2tcpip.h>
#include <windows.h>
#include <process.h>

#define RtlGenRandom SystemFunction036 /* the name in advapi32 */
BOOLEAN NTAPI RtlGenRandom(PVOID, ULONG);
static SRWLOCK the_lock = SRWLOCK_INIT;

void ff_lock(void) { AcquireSRWLockExclusive(&the_lock); }
void ff_unlock(void) { ReleaseSRWLockExclusive(&the_lock); }
double ff_seconds(void) { return GetTickCount64() / 1000.0; }
void ff_sleep(double seconds) { Sleep((DWORD)(seconds * 1000)); }
int ff_random(uint8_t *bytes, size_t count) { return RtlGenRandom(bytes, (ULONG)count) ? 0 : -1; }
int ff_process(void) { return (int)GetCurrentProcessId(); }

typedef struct { void (*run)(void *); void *given; } begun;
static unsigned __stdcall begin(void *given) {
    begun one = *(begun *)given;
    free(given);
    one.run(one.given);
    return 0;
}

int ff_thread(void (*run)(void *), void *given) {
    begun *one = malloc(sizeof *one);
    if (!one) return -1;
    *one = (begun){run, given};
    uintptr_t handle = _beginthreadex(0, 0, begin, one, 0, 0);
    if (!handle) { free(one); return -1; }
    CloseHandle((HANDLE)handle);
    return 0;
}

void ff_runtime_folder(char *path) {
    const char *given = getenv("FF_VFX_RUNTIME"), *home = getenv("LOCALAPPDATA");
    if (given && *given) snprintf(path, FF_PATH, "%s", given);
    else snprintf(path, FF_PATH, "%s\\ff-vfx\\run", home ? home : "C:");
}

int ff_read_private(const char *folder, const char *file, char *text, int size, char *why) {
    char path[FF_PATH + 64];
    snprintf(path, sizeof path, "%s\\%s", folder, file);
    (void)why;
    FILE *stream = fopen(path, "rb");
    if (!stream) return -1;
    int count = (int)fread(text, 1, (size_t)size - 1, stream);
    fclose(stream);
    text[count] = 0;
    return count;
}

intptr_t ff_connect(const char *endpoint) {
    WSADATA data;
    int port = 0;
    if (sscanf(endpoint, "tcp 127.0.0.1 %d", &port) != 1 || WSAStartup(MAKEWORD(2, 2), &data)) return -1;
    SOCKET end = socket(AF_INET, SOCK_STREAM, 0);
    if (end == INVALID_SOCKET) return -1;
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((u_short)port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int yes = 1;
    setsockopt(end, IPPROTO_TCP, TCP_NODELAY, (const char *)&yes, sizeof yes);
    SetHandleInformation((HANDLE)end, HANDLE_FLAG_INHERIT, 0);
    if (connect(end, (struct sockaddr *)&to, sizeof to)) { closesocket(end); return -1; }
    return (intptr_t)end;
}

void ff_disconnect(intptr_t end) { closesocket((SOCKET)end); }

int ff_send(intptr_t end, const void *bytes, size_t count, int descriptor) {
    (void)descriptor;
    for (size_t done = 0; done < count;) {
        int sent = send((SOCKET)end, (const char *)bytes + done, (int)(count - done), 0);
        if (sent <= 0) return -1;
        done += (size_t)sent;
    }
    return 0;
}

static int wait_for(SOCKET end, int milliseconds) {
    WSAPOLLFD one = {.fd = end, .events = POLLRDNORM};
    return WSAPoll(&one, 1, milliseconds);
}

int ff_receive(intptr_t end, void *bytes, size_t count, int milliseconds) {
    for (size_t done = 0; done < count;) {
        int ready = wait_for((SOCKET)end, done ? 10000 : milliseconds);
        if (ready <= 0) return ready || done ? -1 : 0;
        int came = recv((SOCKET)end, (char *)bytes + done, (int)(count - done), 0);
        if (came <= 0) return -1;
        done += (size_t)came;
    }
    return (int)count;
}

int ff_stale(intptr_t end) { return wait_for((SOCKET)end, 0) != 0; }

int ff_memory_make(ff_memory *memory, uint64_t size, int how, const char *folder) {
    uint8_t random[16];
    (void)folder;
    *memory = (ff_memory){.size = size, .how = how, .descriptor = -1};
    if (how != FF_NAMED || ff_random(random, 16)) return -1;
    int at = snprintf(memory->name, sizeof memory->name, "Local\\ff-vfx-");
    for (int i = 0; i < 16; i++) at += snprintf(memory->name + at, sizeof memory->name - (size_t)at, "%02x", random[i]);
    memory->mapping =
        CreateFileMappingA(INVALID_HANDLE_VALUE, 0, PAGE_READWRITE, (DWORD)(size >> 32), (DWORD)size, memory->name);
    if (!memory->mapping) return -1;
    memory->bytes = MapViewOfFile(memory->mapping, FILE_MAP_ALL_ACCESS, 0, 0, (SIZE_T)size);
    if (!memory->bytes) { CloseHandle(memory->mapping); return -1; }
    return 0;
}

void ff_memory_free(ff_memory *memory) {
    if (!memory->bytes) return;
    UnmapViewOfFile(memory->bytes);
    CloseHandle(memory->mapping);
    memory->bytes = 0;
}

static int find_program(char *path) {
    const char *given = getenv(COMMAND);
    char library[FF_PATH];
    HMODULE own = 0;
    if (given && *given) { snprintf(path, FF_PATH, "%s", given); return 1; }
    GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                       (LPCSTR)find_program, &own);
    if (GetModuleFileNameA(own, library, sizeof library) && noted_command(library, '\\', path)) return 1;
    return SearchPathA(0, PROGRAM, ".exe", FF_PATH, path, 0) > 0;
}

static char *clean_environment(void) {
    LPCH all = GetEnvironmentStringsA();
    size_t size = 1;
    for (const char *one = all; *one; one += strlen(one) + 1) size += strlen(one) + 1;
    char *kept = calloc(1, size + 1), *at = kept;
    for (const char *one = all; kept && *one; one += strlen(one) + 1)
        if (!is_unwanted(one)) { memcpy(at, one, strlen(one) + 1); at += strlen(one) + 1; }
    FreeEnvironmentStringsA(all);
    return kept;
}

int ff_start_worker(const char *name, int (*stop)(void *), void *who, char *why) {
    char program[FF_PATH], line[FF_PATH + 64];
    if (!find_program(program)) {
        snprintf(why, FF_TEXT, "no " PROGRAM " is known here; run `ff-vfx hosts install`, or name it in " COMMAND);
        return -1;
    }
    snprintf(line, sizeof line, "\"%s\" start --name %s", program, name);
    STARTUPINFOA start = {.cb = sizeof start};
    PROCESS_INFORMATION made = {0};
    char *environment = clean_environment();
    SetDllDirectoryA(0); /* hosts set one, and children inherit it */
    BOOL good = environment && CreateProcessA(0, line, 0, 0, FALSE, CREATE_NO_WINDOW | DETACHED_PROCESS, environment,
                                              "C:\\", &start, &made);
    free(environment);
    if (!good) { snprintf(why, FF_TEXT, "%s: cannot be run", program); return -1; }
    DWORD code = STILL_ACTIVE;
    for (double end = ff_seconds() + START_SECONDS; ff_seconds() < end && !(stop && stop(who));)
        if (WaitForSingleObject(made.hProcess, 50) == WAIT_OBJECT_0) break;
    GetExitCodeProcess(made.hProcess, &code);
    CloseHandle(made.hProcess);
    CloseHandle(made.hThread);
    if (code == 0) return 0;
    snprintf(why, FF_TEXT, "%s start: ended with %lu; run it in a terminal to see why", program, (unsigned long)code);
    return -1;
}

#else
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/syscall.h>
#endif
#ifdef __APPLE__
#include <pthread/qos.h>
#undef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* SO_NOSIGPIPE does it, on every version */
#endif

extern char **environ;
static pthread_mutex_t the_lock = PTHREAD_MUTEX_INITIALIZER;

void ff_lock(void) { pthread_mutex_lock(&the_lock); }
void ff_unlock(void) { pthread_mutex_unlock(&the_lock); }

double ff_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

void ff_sleep(double seconds) {
    struct timespec wait = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    nanosleep(&wait, 0);
}

int ff_random(uint8_t *bytes, size_t count) {
    int file = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    ssize_t came = file < 0 ? -1 : read(file, bytes, count);
    if (file >= 0) close(file);
    return came == (ssize_t)count ? 0 : -1;
}

int ff_process(void) { return (int)getpid(); }

typedef struct { void (*run)(void *); void *given; } begun;
static void *begin(void *given) {
    begun one = *(begun *)given;
    free(given);
    one.run(one.given);
    return 0;
}

int ff_thread(void (*run)(void *), void *given) {
    pthread_t made;
    begun *one = malloc(sizeof *one);
    if (!one) return -1;
    *one = (begun){run, given};
    if (pthread_create(&made, 0, begin, one)) { free(one); return -1; }
    pthread_detach(made);
    return 0;
}

void ff_runtime_folder(char *path) {
    const char *given = getenv("FF_VFX_RUNTIME"), *user = getenv("XDG_RUNTIME_DIR"), *temporary = getenv("TMPDIR");
    if (given && *given) snprintf(path, FF_PATH, "%s", given);
    else if (user && *user) snprintf(path, FF_PATH, "%s/ff-vfx", user);
    else snprintf(path, FF_PATH, "%s/ff-vfx-%d", temporary && *temporary ? temporary : "/tmp", (int)getuid());
}

int ff_read_private(const char *folder, const char *file, char *text, int size, char *why) {
    char path[FF_PATH + 64];
    struct stat status;
    if (lstat(folder, &status)) return -1;
    if (!S_ISDIR(status.st_mode) || status.st_uid != getuid() || (status.st_mode & 077)) {
        snprintf(why, FF_TEXT, "folder %.900s: is a link, or others may enter it; `chmod 700` it or set FF_VFX_RUNTIME", folder);
        return -2;
    }
    snprintf(path, sizeof path, "%s/%s", folder, file);
    int handle = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (handle < 0) return -1;
    int good = !fstat(handle, &status) && S_ISREG(status.st_mode) && status.st_uid == getuid() && !(status.st_mode & 077);
    ssize_t count = good ? read(handle, text, (size_t)size - 1) : -1;
    close(handle);
    if (count >= 0) { text[count] = 0; return (int)count; }
    snprintf(why, FF_TEXT, "%.900s: others can read it; remove it, the next worker makes a new one", path);
    return -2;
}

static intptr_t connected(int family, const struct sockaddr *to, socklen_t size) {
    int end = socket(family, SOCK_STREAM, 0), yes = 1;
    if (end < 0) return -1;
    fcntl(end, F_SETFD, FD_CLOEXEC);
#ifdef SO_NOSIGPIPE
    setsockopt(end, SOL_SOCKET, SO_NOSIGPIPE, &yes, sizeof yes);
#endif
    if (family == AF_INET) setsockopt(end, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (connect(end, to, size)) { close(end); return -1; }
    return end;
}

intptr_t ff_connect(const char *endpoint) {
    int port = 0;
    if (!strncmp(endpoint, "unix ", 5)) {
        struct sockaddr_un to = {.sun_family = AF_UNIX};
        if (strlen(endpoint + 5) >= sizeof to.sun_path) return -1;
        strcpy(to.sun_path, endpoint + 5);
        return connected(AF_UNIX, (struct sockaddr *)&to, sizeof to);
    }
    if (sscanf(endpoint, "tcp 127.0.0.1 %d", &port) != 1) return -1;
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return connected(AF_INET, (struct sockaddr *)&to, sizeof to);
}

void ff_disconnect(intptr_t end) { close((int)end); }

int ff_send(intptr_t end, const void *bytes, size_t count, int descriptor) {
    char room[CMSG_SPACE(sizeof(int))] = {0};
    for (size_t done = 0; done < count;) {
        struct iovec part = {(char *)(uintptr_t)bytes + done, count - done};
        struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
        if (descriptor >= 0 && !done) {
            message.msg_control = room;
            message.msg_controllen = sizeof room;
            struct cmsghdr *head = CMSG_FIRSTHDR(&message);
            head->cmsg_level = SOL_SOCKET;
            head->cmsg_type = SCM_RIGHTS;
            head->cmsg_len = CMSG_LEN(sizeof(int));
            memcpy(CMSG_DATA(head), &descriptor, sizeof descriptor);
        }
        ssize_t sent = sendmsg((int)end, &message, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return -1;
        done += (size_t)sent;
    }
    return 0;
}

static int wait_for(int end, int milliseconds) {
    struct pollfd one = {.fd = end, .events = POLLIN};
    int ready = poll(&one, 1, milliseconds);
    return ready < 0 && errno == EINTR ? 0 : ready;
}

int ff_receive(intptr_t end, void *bytes, size_t count, int milliseconds) {
    double stalled = ff_seconds() + 10.0;
    for (size_t done = 0; done < count;) {
        int ready = wait_for((int)end, done ? 1000 : milliseconds);
        if (ready == 0 && !done) return 0;
        if (ready < 0 || (ready == 0 && ff_seconds() > stalled)) return -1;
        if (ready == 0) continue;
        ssize_t came = recv((int)end, (char *)bytes + done, count - done, 0);
        if (came < 0 && errno == EINTR) continue;
        if (came <= 0) return -1;
        done += (size_t)came;
        stalled = ff_seconds() + 10.0;
    }
    return (int)count;
}

int ff_stale(intptr_t end) { return wait_for((int)end, 0) != 0; }

static int open_memory(ff_memory *memory, const char *folder) {
    uint8_t random[16];
    if (ff_random(random, 16)) return -1;
    for (int i = 0; i < 16; i++) snprintf(memory->name + 2 * i, 3, "%02x", random[i]);
    if (memory->how == FF_NAMED) {
        snprintf(memory->path, sizeof memory->path, "%.1900s/blocks", folder);
        mkdir(memory->path, 0700);
        snprintf(memory->path, sizeof memory->path, "%.1900s/blocks/%s", folder, memory->name);
        return open(memory->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    }
#ifdef __linux__
    return memfd_create("ff-vfx", MFD_CLOEXEC | MFD_ALLOW_SEALING);
#else
    char name[32];
    snprintf(name, sizeof name, "/ffvfx%.16s", memory->name);
    int file = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
    if (file >= 0) { shm_unlink(name); fcntl(file, F_SETFD, FD_CLOEXEC); }
    return file;
#endif
}

int ff_memory_make(ff_memory *memory, uint64_t size, int how, const char *folder) {
    *memory = (ff_memory){.size = size, .how = how};
    memory->descriptor = open_memory(memory, folder);
    if (memory->descriptor < 0) return -1;
    int bad = ftruncate(memory->descriptor, (off_t)size);
#ifdef __linux__
    /* Room is taken now: memory that cannot be had later would end the host with a signal. */
    bad = bad || posix_fallocate(memory->descriptor, 0, (off_t)size);
    if (how == FF_SHARED) bad = bad || fcntl(memory->descriptor, F_ADD_SEALS, F_SEAL_SHRINK);
#endif
    void *mapped = bad ? MAP_FAILED : mmap(0, size, PROT_READ | PROT_WRITE, MAP_SHARED, memory->descriptor, 0);
    if (mapped == MAP_FAILED) {
        close(memory->descriptor);
        if (how == FF_NAMED) unlink(memory->path);
        return -1;
    }
    memory->bytes = mapped;
    return 0;
}

void ff_memory_free(ff_memory *memory) {
    if (!memory->bytes) return;
    munmap(memory->bytes, memory->size);
    close(memory->descriptor);
    if (memory->how == FF_NAMED) unlink(memory->path);
    memory->bytes = 0;
}

static int find_program(char *path) {
    const char *given = getenv(COMMAND), *search = getenv("PATH");
    Dl_info own;
    if (given && *given) { snprintf(path, FF_PATH, "%s", given); return 1; }
    if (dladdr((void *)(uintptr_t)find_program, &own) && own.dli_fname && noted_command(own.dli_fname, '/', path)) return 1;
    for (const char *at = search; at && *at;) {
        size_t length = strcspn(at, ":");
        struct stat status;
        snprintf(path, FF_PATH, "%.*s/" PROGRAM, (int)(length < 1900 ? length : 0), at);
        if (length && !stat(path, &status) && S_ISREG(status.st_mode) && !access(path, X_OK)) return 1;
        at += length + (at[length] == ':');
    }
    return 0;
}

/* Between fork and exec: only what may be called there. */
static void become(const char *program, char *const *words, char *const *environment, int most) {
    sigset_t none;
    sigemptyset(&none);
    for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, 0);
    setsid();
    int nowhere = open("/dev/null", O_RDWR);
    for (int i = 0; i < 3; i++)
        if (dup2(nowhere, i) < 0) _exit(127);
    int closed = -1;
#ifdef SYS_close_range
    closed = (int)syscall(SYS_close_range, 3U, ~0U, 0U);
#endif
    for (int i = 3; closed && i < most; i++) close(i);
    if (chdir("/")) _exit(127);
    execve(program, words, environment);
    _exit(127);
}

static char **clean_environment(void) {
    size_t count = 0, kept = 0;
    while (environ[count]) count++;
    char **clean = calloc(count + 1, sizeof *clean);
    for (size_t i = 0; clean && i < count; i++)
        if (!is_unwanted(environ[i])) clean[kept++] = environ[i];
    return clean;
}

static int started(pid_t child, const char *program, int (*stop)(void *), void *who, char *why) {
    int state = 0;
    for (double end = ff_seconds() + START_SECONDS; ff_seconds() < end; ff_sleep(0.02)) {
        pid_t ended = waitpid(child, &state, WNOHANG);
        if (ended < 0) return 0; /* the host takes its children itself: whether it worked shows when we connect */
        if (ended == child && WIFEXITED(state) && WEXITSTATUS(state) == 0) return 0;
        if (ended == child) {
            int code = WIFEXITED(state) ? WEXITSTATUS(state) : -WTERMSIG(state);
            snprintf(why, FF_TEXT, "%.800s start: ended with %d; run it in a terminal to see why", program, code);
            return -1;
        }
        if (stop && stop(who)) break;
    }
    kill(child, SIGTERM); /* the starter alone: a worker that it has left behind goes on */
    for (int i = 0; i < 50 && waitpid(child, &state, WNOHANG) == 0; i++) ff_sleep(0.02);
    snprintf(why, FF_TEXT, "%.900s start: no worker after %.0f s", program, START_SECONDS);
    return -1;
}

int ff_start_worker(const char *name, int (*stop)(void *), void *who, char *why) {
    char program[FF_PATH], worker[64];
    struct rlimit files;
    if (!find_program(program)) {
        snprintf(why, FF_TEXT, "no " PROGRAM " is known here; run `ff-vfx hosts install`, or name it in " COMMAND);
        return -1;
    }
    snprintf(worker, sizeof worker, "%s", name);
    char *words[] = {program, "start", "--name", worker, 0}, **environment = clean_environment();
    int most = getrlimit(RLIMIT_NOFILE, &files) || files.rlim_cur > 1 << 20 ? 1 << 20 : (int)files.rlim_cur;
    if (!environment) return -1;
#ifdef __APPLE__
    /* A child has the class of the thread that made it, and hosts render on slow ones. */
    pthread_set_qos_class_self_np(QOS_CLASS_USER_INITIATED, 0);
#endif
    pid_t child = fork();
    if (child == 0) become(program, words, environment, most);
    free(environment);
    if (child > 0) return started(child, program, stop, who, why);
    snprintf(why, FF_TEXT, "%.900s: no process can be made: %s", program, strerror(errno));
    return -1;
}
#endif
