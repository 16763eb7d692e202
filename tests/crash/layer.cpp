// A layer under a program (LD_PRELOAD): it writes down what the program does to the files below one folder, so that
// power_cut.py can make the folder that a power cut at this moment could have left.
//
// 1. Every operation is written down before it is done ("begin") and after it ("done", with its result). A sync
//    counts only with its "done", which comes before the program learns of it, so before any client can.
// 2. Records are written one at a time under a lock, into a file: kill -9 can tear the last one only.
// 3. The real sync is left out (kill -9 does not empty the kernel's cache) and takes up to SYNC_MICROSECONDS instead,
//    as on a disk; that makes the time between writing and having synced long enough to be hit.
// 4. What the layer does not understand (a file written through a mapping, a copied descriptor, a hard link) ends the
//    program with a message: a trace with a hole would prove nothing.
//
// Environment: CRASH_LAYER_ROOT (the folder, absolute), CRASH_LAYER_TRACE (the file), CRASH_LAYER_SYNC_MICROSECONDS,
// CRASH_LAYER_CLOCK_SECONDS (how much later than the real time it is for the program).
//
// It does not know what may be lost: that is power_cut.py.
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <mutex>
#include <string>
#include <string_view>

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

namespace {

enum class Kind : std::uint32_t {
    done = 1,
    open,
    write,
    truncate,
    sync,
    make_directory,
    rename,
    remove,
};

/// A record: this, then the path or paths, then the octets. trace.py reads it.
struct Header {
    std::uint32_t kind;
    std::uint32_t path_bytes;
    std::uint64_t operation; ///< counted from 1 in each process
    std::uint64_t file;      ///< the operation that opened it
    std::int64_t number;     ///< open: flags; write: offset; truncate: size; done: the result, or -errno
    std::uint64_t data_bytes;
};

constexpr int kDescriptorsMax = 65536;

const char* root = nullptr;
std::size_t root_bytes = 0;
int trace = -1;
std::uint64_t sync_microseconds = 0;
std::int64_t clock_seconds = 0;
std::mutex record_mutex; ///< for the trace and the counter
std::uint64_t last_operation = 0;
std::array<std::atomic<std::uint64_t>, kDescriptorsMax> files; ///< by descriptor; 0: not ours

[[noreturn]] void give_up(const char* what) {
    std::array<char, 256> line{};
    const int size = std::snprintf(line.data(), line.size(), "crash layer: %s\n", what);
    syscall(SYS_write, STDERR_FILENO, line.data(), static_cast<std::size_t>(size));
    std::abort();
}

struct Environment {
    Environment() {
        root = std::getenv("CRASH_LAYER_ROOT");
        const char* const path = std::getenv("CRASH_LAYER_TRACE");
        if (root == nullptr || path == nullptr) give_up("CRASH_LAYER_ROOT and CRASH_LAYER_TRACE must be set");
        root_bytes = std::strlen(root);
        if (const char* const text = std::getenv("CRASH_LAYER_SYNC_MICROSECONDS"))
            sync_microseconds = std::strtoull(text, nullptr, 10);
        if (const char* const text = std::getenv("CRASH_LAYER_CLOCK_SECONDS"))
            clock_seconds = std::strtoll(text, nullptr, 10);
        trace = static_cast<int>(
            syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, mode_t{0600}));
        if (trace < 0) give_up("the trace cannot be opened");
    }
};

bool is_ours(const char* path) {
    static const Environment environment; // first use may be before this library's constructors
    return std::strncmp(path, root, root_bytes) == 0 && (path[root_bytes] == '/' || path[root_bytes] == '\0');
}

std::uint64_t file_of(int descriptor) {
    if (descriptor < 0 || descriptor >= kDescriptorsMax) return 0;
    return files[static_cast<std::size_t>(descriptor)].load(std::memory_order_acquire);
}

void set_file(int descriptor, std::uint64_t file) {
    if (descriptor >= kDescriptorsMax) give_up("too many descriptors");
    files[static_cast<std::size_t>(descriptor)].store(file, std::memory_order_release);
}

/// Writes all of it; a record that is not whole would make the rest unreadable.
void put(const void* octets, std::size_t size) {
    const char* at = static_cast<const char*>(octets);
    while (size > 0) {
        const long wrote = syscall(SYS_write, trace, at, size);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote <= 0) give_up("the trace cannot be written");
        at += wrote;
        size -= static_cast<std::size_t>(wrote);
    }
}

struct Pieces {
    const iovec* parts = nullptr;
    int count = 0;
};

void put_record(Header header, std::string_view path, Pieces pieces) {
    header.path_bytes = static_cast<std::uint32_t>(path.size());
    header.data_bytes = 0;
    for (int i = 0; i < pieces.count; ++i)
        header.data_bytes += pieces.parts[i].iov_len;
    std::string small(reinterpret_cast<const char*>(&header), sizeof header);
    small += path;
    put(small.data(), small.size());
    for (int i = 0; i < pieces.count; ++i)
        put(pieces.parts[i].iov_base, pieces.parts[i].iov_len);
}

std::uint64_t begin(Kind kind, std::uint64_t file, std::int64_t number, std::string_view path, Pieces pieces = {}) {
    const std::lock_guard lock(record_mutex);
    const std::uint64_t operation = ++last_operation;
    put_record({static_cast<std::uint32_t>(kind), 0, operation, file, number, 0}, path, pieces);
    return operation;
}

long done(std::uint64_t operation, long result) {
    const int number = errno;
    {
        const std::lock_guard lock(record_mutex);
        put_record({static_cast<std::uint32_t>(Kind::done), 0, operation, 0, result < 0 ? -number : result, 0}, {}, {});
    }
    errno = number;
    return result;
}

int open_file(int directory, const char* path, int flags, mode_t mode) {
    if (!is_ours(path)) {
        const int other = static_cast<int>(syscall(SYS_openat, directory, path, flags, mode));
        if (other >= 0) set_file(other, 0); // fclose() gives descriptors back without telling us
        return other;
    }
    const std::uint64_t operation = begin(Kind::open, 0, flags, path);
    const int descriptor = static_cast<int>(syscall(SYS_openat, directory, path, flags, mode));
    if (descriptor >= 0) set_file(descriptor, operation);
    return static_cast<int>(done(operation, descriptor));
}

/// Where write() will write. One thread at a time writes to a descriptor without naming the place, or the program
/// itself would not know where its octets go.
std::int64_t position(int descriptor) {
    if ((syscall(SYS_fcntl, descriptor, F_GETFL) & O_APPEND) == 0)
        return syscall(SYS_lseek, descriptor, off_t{0}, SEEK_CUR);
    struct stat status{};
    if (::fstat(descriptor, &status) != 0) give_up("a file's size is not to be had");
    return status.st_size;
}

ssize_t write_parts(int descriptor, const iovec* parts, int count, std::int64_t offset) {
    const std::uint64_t file = file_of(descriptor);
    const bool placed = offset >= 0;
    const auto write = [&]() -> long {
        if (!placed) return syscall(SYS_writev, descriptor, parts, count);
        return syscall(SYS_pwritev, descriptor, parts, count, offset, 0);
    };
    if (file == 0) return write();
    const std::uint64_t operation =
        begin(Kind::write, file, placed ? offset : position(descriptor), {}, {parts, count});
    return done(operation, write());
}

ssize_t write_one(int descriptor, const void* octets, std::size_t size, std::int64_t offset) {
    const iovec part{const_cast<void*>(octets), size}; // writing only reads
    return write_parts(descriptor, &part, 1, offset);
}

int change_size(int descriptor, off_t size) {
    const std::uint64_t file = file_of(descriptor);
    if (file == 0) return static_cast<int>(syscall(SYS_ftruncate, descriptor, size));
    const std::uint64_t operation = begin(Kind::truncate, file, size, {});
    return static_cast<int>(done(operation, syscall(SYS_ftruncate, descriptor, size)));
}

/// Space beyond the end that is set aside, or given back (as RocksDB does when it closes a file), changes nothing that
/// anyone can read; everything else would.
int set_space_aside(int descriptor, int mode, off_t offset, off_t length) {
    if (file_of(descriptor) != 0) { // files of a backup are not looked at
        struct stat status{};
        if ((mode & FALLOC_FL_KEEP_SIZE) == 0) give_up("fallocate that changes a file");
        if (::fstat(descriptor, &status) != 0) give_up("a file's size is not to be had");
        const int more = mode & ~FALLOC_FL_KEEP_SIZE;
        if (more != 0 && (more != FALLOC_FL_PUNCH_HOLE || offset < status.st_size))
            give_up("fallocate of an unknown kind");
    }
    return static_cast<int>(syscall(SYS_fallocate, descriptor, mode, offset, length));
}

void wait_as_a_disk_does() {
    if (sync_microseconds == 0) return;
    thread_local std::uint64_t state = static_cast<std::uint64_t>(syscall(SYS_gettid)) * 0x9E3779B97F4A7C15u;
    state = state * 6364136223846793005u + 1442695040888963407u;
    const std::uint64_t microseconds = (state >> 33) % sync_microseconds;
    const timespec pause{static_cast<time_t>(microseconds / 1'000'000),
                         static_cast<long>(microseconds % 1'000'000 * 1000)};
    syscall(SYS_nanosleep, &pause, nullptr);
}

int sync_file(int descriptor, long call) {
    const std::uint64_t file = file_of(descriptor);
    if (file == 0) return static_cast<int>(syscall(call, descriptor));
    const std::uint64_t operation = begin(Kind::sync, file, 0, {});
    wait_as_a_disk_does();
    return static_cast<int>(done(operation, 0));
}

int remove_name(const char* path, int flags) {
    if (!is_ours(path)) return static_cast<int>(syscall(SYS_unlinkat, AT_FDCWD, path, flags));
    const std::uint64_t operation = begin(Kind::remove, 0, flags, path);
    return static_cast<int>(done(operation, syscall(SYS_unlinkat, AT_FDCWD, path, flags)));
}

int rename_name(const char* from, const char* to) {
    if (is_ours(from) != is_ours(to)) give_up("a rename into or out of the folder");
    if (!is_ours(from)) return static_cast<int>(syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
    const std::uint64_t operation = begin(Kind::rename, 0, 0, std::string(from) + '\0' + to);
    return static_cast<int>(done(operation, syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0)));
}

mode_t mode_of(int flags, va_list arguments) {
    const bool given = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
    return given ? va_arg(arguments, mode_t) : mode_t{0};
}

template <class Function>
Function next(const char* name) {
    return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

} // namespace

// The declarations of the C library differ from ours in attributes only.
#pragma clang diagnostic ignored "-Wmissing-prototypes"
#pragma clang diagnostic ignored "-Wvarargs"

#define CRASH_OPEN(name)                                                                                               \
    int name(const char* path, int flags, ...) {                                                                       \
        va_list arguments;                                                                                             \
        va_start(arguments, flags);                                                                                    \
        const mode_t mode = mode_of(flags, arguments);                                                                 \
        va_end(arguments);                                                                                             \
        return open_file(AT_FDCWD, path, flags, mode);                                                                 \
    }
#define CRASH_OPEN_AT(name)                                                                                            \
    int name(int directory, const char* path, int flags, ...) {                                                        \
        va_list arguments;                                                                                             \
        va_start(arguments, flags);                                                                                    \
        const mode_t mode = mode_of(flags, arguments);                                                                 \
        va_end(arguments);                                                                                             \
        return open_file(directory, path, flags, mode);                                                                \
    }

/// The argument is an int, a long or a pointer: passed on as it came, in one register.
#define CRASH_FCNTL(name)                                                                                              \
    int name(int descriptor, int command, ...) {                                                                       \
        va_list arguments;                                                                                             \
        va_start(arguments, command);                                                                                  \
        void* const argument = va_arg(arguments, void*);                                                               \
        va_end(arguments);                                                                                             \
        if ((command == F_DUPFD || command == F_DUPFD_CLOEXEC) && file_of(descriptor) != 0)                            \
            give_up("a copied descriptor");                                                                            \
        return static_cast<int>(syscall(SYS_fcntl, descriptor, command, argument));                                    \
    }

extern "C" {

CRASH_OPEN(open)
CRASH_OPEN(open64)
CRASH_OPEN_AT(openat)
CRASH_OPEN_AT(openat64)

int __open_2(const char* path, int flags) {
    return open_file(AT_FDCWD, path, flags, 0);
}

int __open64_2(const char* path, int flags) {
    return open_file(AT_FDCWD, path, flags, 0);
}

int creat(const char* path, mode_t mode) {
    return open_file(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

int close(int descriptor) {
    if (file_of(descriptor) != 0) set_file(descriptor, 0);
    return static_cast<int>(syscall(SYS_close, descriptor));
}

ssize_t write(int descriptor, const void* octets, size_t size) {
    if (file_of(descriptor) == 0) return syscall(SYS_write, descriptor, octets, size);
    return write_one(descriptor, octets, size, -1);
}

ssize_t pwrite(int descriptor, const void* octets, size_t size, off_t offset) {
    return write_one(descriptor, octets, size, offset);
}

ssize_t pwrite64(int descriptor, const void* octets, size_t size, off_t offset) {
    return write_one(descriptor, octets, size, offset);
}

ssize_t writev(int descriptor, const iovec* parts, int count) {
    return write_parts(descriptor, parts, count, -1);
}

ssize_t pwritev(int descriptor, const iovec* parts, int count, off_t offset) {
    return write_parts(descriptor, parts, count, offset);
}

ssize_t pwritev64(int descriptor, const iovec* parts, int count, off_t offset) {
    return write_parts(descriptor, parts, count, offset);
}

int ftruncate(int descriptor, off_t size) {
    return change_size(descriptor, size);
}

int ftruncate64(int descriptor, off_t size) {
    return change_size(descriptor, size);
}

int fallocate(int descriptor, int mode, off_t offset, off_t length) {
    return set_space_aside(descriptor, mode, offset, length);
}

int fallocate64(int descriptor, int mode, off_t offset, off_t length) {
    return set_space_aside(descriptor, mode, offset, length);
}

int posix_fallocate(int descriptor, off_t offset, off_t length) {
    return set_space_aside(descriptor, 0, offset, length) == 0 ? 0 : errno;
}

int posix_fallocate64(int descriptor, off_t offset, off_t length) {
    return set_space_aside(descriptor, 0, offset, length) == 0 ? 0 : errno;
}

int fsync(int descriptor) {
    return sync_file(descriptor, SYS_fsync);
}

int fdatasync(int descriptor) {
    return sync_file(descriptor, SYS_fdatasync);
}

/// It starts writing and promises nothing (sync_file_range(2)), so it is not written down either.
int sync_file_range(int descriptor, off_t offset, off_t length, unsigned flags) {
    return static_cast<int>(syscall(SYS_sync_file_range, descriptor, offset, length, flags));
}

int mkdir(const char* path, mode_t mode) {
    if (!is_ours(path)) return static_cast<int>(syscall(SYS_mkdir, path, mode));
    const std::uint64_t operation = begin(Kind::make_directory, 0, 0, path);
    return static_cast<int>(done(operation, syscall(SYS_mkdir, path, mode)));
}

int rename(const char* from, const char* to) {
    return rename_name(from, to);
}

int unlink(const char* path) {
    return remove_name(path, 0);
}

int rmdir(const char* path) {
    return remove_name(path, AT_REMOVEDIR);
}

int remove(const char* path) {
    const int result = remove_name(path, 0);
    return result != 0 && errno == EISDIR ? remove_name(path, AT_REMOVEDIR) : result;
}

// What follows is not understood, and must not happen below the folder.

int link(const char* from, const char* to) {
    if (is_ours(from) || is_ours(to)) give_up("a hard link");
    return static_cast<int>(syscall(SYS_link, from, to));
}

void* mmap(void* address, size_t length, int protection, int flags, int descriptor, off_t offset) {
    if ((protection & PROT_WRITE) != 0 && (flags & MAP_SHARED) != 0 && file_of(descriptor) != 0)
        give_up("a file written through a mapping");
    return reinterpret_cast<void*>(syscall(SYS_mmap, address, length, protection, flags, descriptor, offset));
}

void* mmap64(void* address, size_t length, int protection, int flags, int descriptor, off_t offset) {
    return mmap(address, length, protection, flags, descriptor, offset);
}

int dup(int descriptor) {
    if (file_of(descriptor) != 0) give_up("a copied descriptor");
    return static_cast<int>(syscall(SYS_dup, descriptor));
}

int dup2(int from, int to) {
    if (file_of(from) != 0 || file_of(to) != 0) give_up("a copied descriptor");
    return static_cast<int>(syscall(SYS_dup2, from, to));
}

int dup3(int from, int to, int flags) {
    if (file_of(from) != 0 || file_of(to) != 0) give_up("a copied descriptor");
    return static_cast<int>(syscall(SYS_dup3, from, to, flags));
}

/// A process of its own keeps what it is handed and nothing else.
int close_range(unsigned first, unsigned last, int flags) {
    for (unsigned descriptor = first; descriptor <= last && descriptor < kDescriptorsMax; ++descriptor)
        set_file(static_cast<int>(descriptor), 0);
    return static_cast<int>(syscall(SYS_close_range, first, last, flags));
}

/// The C library closes what is behind it by a way of its own.
int closedir(DIR* directory) {
    static const auto real = next<int (*)(DIR*)>("closedir");
    set_file(dirfd(directory), 0);
    return real(directory);
}

CRASH_FCNTL(fcntl)
CRASH_FCNTL(fcntl64)

// The clock: for the program some time has passed since it last ran, as if the machine had been off.

int clock_gettime(clockid_t clock, timespec* now) {
    static const auto real = next<int (*)(clockid_t, timespec*)>("clock_gettime");
    const int result = real(clock, now);
    if (result == 0 && clock == CLOCK_REALTIME) now->tv_sec += clock_seconds;
    return result;
}

int gettimeofday(timeval* now, void* zone) {
    static const auto real = next<int (*)(timeval*, void*)>("gettimeofday");
    const int result = real(now, zone);
    if (result == 0) now->tv_sec += clock_seconds;
    return result;
}

time_t time(time_t* now) {
    static const auto real = next<time_t (*)(time_t*)>("time");
    const time_t seconds = real(nullptr) + clock_seconds;
    if (now != nullptr) *now = seconds;
    return seconds;
}

/// Waits until a moment that the program made from its clock. Asio's condition variables count from the start of the
/// machine instead; such a moment is before 2001.
int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex, const timespec* end) {
    using Function = int (*)(pthread_cond_t*, pthread_mutex_t*, const timespec*);
    static const auto real = reinterpret_cast<Function>(dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2"));
    timespec moment = *end;
    if (moment.tv_sec > 1'000'000'000) moment.tv_sec -= clock_seconds;
    return real(condition, mutex, &moment);
}

} // extern "C"
