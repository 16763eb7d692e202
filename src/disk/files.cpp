#include "disk/files.h"

#include "base/descriptor.h"

#include <fmt/format.h>

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>

namespace tegami::disk {

namespace {

constexpr unsigned kParentMode = 0777; // less what the umask takes

std::string reason() {
    return std::generic_category().message(errno);
}

/// The same about a path; what we may not use is named with its owner, be it the path or a folder above it.
std::string reason_about(const std::filesystem::path& path) {
    const bool denied = errno == EACCES || errno == EPERM;
    std::string text = reason();
    if (!denied) return text;
    for (std::filesystem::path part = std::filesystem::absolute(path).lexically_normal();; part = part.parent_path()) {
        if (const auto owner = owner_of(part.string()))
            return fmt::format("{}: {} belongs to {}", text, part.string(), owner->name);
        if (!part.has_relative_path()) return text;
    }
}

/// A name may be lost in a power cut until the directory that it is in is synced.
Result<void, std::string> sync_name(const std::filesystem::path& path) {
    const std::filesystem::path parent = path.has_parent_path() ? path.parent_path() : ".";
    const Descriptor directory(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.get() < 0 || ::fsync(directory.get()) != 0) return failure(reason());
    return {};
}

} // namespace

std::optional<Owner> owner_of(const std::string& path) {
    struct stat found{};
    if (::stat(path.c_str(), &found) != 0) return std::nullopt;
    std::array<char, 4096> buffer;
    passwd user{};
    passwd* known = nullptr;
    const bool named = ::getpwuid_r(found.st_uid, &user, buffer.data(), buffer.size(), &known) == 0 && known != nullptr;
    return Owner{.uid = found.st_uid, .name = named ? std::string(user.pw_name) : fmt::format("user {}", found.st_uid)};
}

Result<std::string, std::string> read_all(int descriptor, std::size_t bytes_max) {
    std::string text;
    std::array<char, 65536> buffer;
    for (;;) {
        const ssize_t count = ::read(descriptor, buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return failure(reason());
        if (count == 0) return text;
        text.append(buffer.data(), static_cast<std::size_t>(count));
        if (text.size() > bytes_max) return failure("it is larger than " + std::to_string(bytes_max) + " octets");
    }
}

Result<std::string, std::string> read_file(const std::string& path, std::size_t bytes_max) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0) return failure(reason_about(path));
    return read_all(file.get(), bytes_max);
}

Result<std::string, std::string> read_secret_file(const std::string& path, std::size_t bytes_max) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0) return failure(reason_about(path));
    struct stat found{};
    if (::fstat(file.get(), &found) != 0) return failure(reason());
    if ((found.st_mode & S_IRWXO) != 0)
        return failure(std::string("everybody on this machine may read it: take that away with chmod o-rwx"));
    return read_all(file.get(), bytes_max);
}

Result<void, std::string> create_file(const std::string& path, std::string_view text, unsigned mode) {
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, static_cast<mode_t>(mode)));
    if (file.get() < 0) return failure(reason_about(path));
    while (!text.empty()) {
        const ssize_t count = ::write(file.get(), text.data(), text.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return failure(reason());
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    if (::fsync(file.get()) != 0) return failure(reason());
    return sync_name(path);
}

Result<void, std::string> make_directory(const std::string& path, unsigned mode) {
    std::filesystem::path wanted(path);
    if (!wanted.has_filename() && wanted.has_relative_path()) wanted = wanted.parent_path(); // "run/" is "run"
    std::error_code error; // that it is not there yet is no failure
    if (std::filesystem::is_directory(wanted, error)) {
        // Best effort: it is ours if a process that made it was killed before this, and else perhaps not ours to open.
        static_cast<void>(sync_name(wanted));
        return {};
    }
    if (wanted.has_parent_path() && wanted.parent_path() != wanted)
        TRY_VOID(make_directory(wanted.parent_path().string(), kParentMode));
    if (::mkdir(wanted.c_str(), static_cast<mode_t>(mode)) != 0) return failure(reason_about(wanted));
    return sync_name(wanted);
}

} // namespace tegami::disk
