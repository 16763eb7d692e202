#include "disk/faulty.h"

#include "base/assert.h"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <mutex>
#include <set>

namespace tegami::disk {

namespace {

constexpr std::size_t kSectorBytes = 512; // what a disk writes whole

/// A change of content that has not been synced: octets at an offset, or a new size.
struct Change {
    std::uint64_t offset = 0;
    std::string octets;
    bool truncation = false;

    void apply(std::string& content) const {
        if (truncation) {
            content.resize(offset);
            return;
        }
        if (content.size() < offset + octets.size()) content.resize(offset + octets.size());
        std::ranges::copy(octets, content.begin() + static_cast<std::ptrdiff_t>(offset));
    }
};

struct Inode {
    std::string current; ///< what reads see
    std::string durable; ///< what a crash leaves at least
    std::vector<Change> pending;
};

using Names = std::map<std::string, std::shared_ptr<Inode>>;

/// A change of names in one directory that has not been synced: `inode` empty means removed.
struct NameChange {
    std::vector<std::pair<std::string, std::shared_ptr<Inode>>> set;

    void apply(Names& names) const {
        for (const auto& [path, inode] : set) {
            if (inode)
                names[path] = inode;
            else
                names.erase(path);
        }
    }
};

std::string directory_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? "." : path.substr(0, slash);
}

std::unexpected<Error> error(ErrorCode code, std::string_view what, const std::string& path) {
    return failure(Error{code, std::string(what) + " " + path});
}

} // namespace

class FaultyFileSystem::Disk {
public:
    explicit Disk(std::uint64_t seed) : random_(seed) {}

    /// Counts one call of this kind; the error if it was told to fail.
    DiskResult<> count(Call call, const std::string& path) {
        if (without_power) return error(ErrorCode::io, "no power for", path);
        for (const Call counted : {Call::any, call}) {
            const std::size_t at = static_cast<std::size_t>(counted);
            ++counts[at];
            if (cut && cut->call == counted && cut->at == counts[at]) return lose_power(path);
            if (always[at]) return error(*always[at], "injected failure", path);
            const auto found = failures.find({counted, counts[at]});
            if (found != failures.end()) return error(found->second, "injected failure", path);
        }
        return {};
    }

    DiskResult<> lose_power(const std::string& path) {
        without_power = true;
        const std::function<void()> gone = std::move(cut->gone);
        cut.reset();
        gone();
        return error(ErrorCode::io, "the power went during a call for", path);
    }

    std::uint64_t used() const {
        std::uint64_t total = 0;
        for (const auto& [path, inode] : names)
            total += inode->current.size();
        return total;
    }

    void change_names(const std::string& directory, NameChange change) {
        change.apply(names);
        pending_names[directory].push_back(std::move(change));
    }

    void crash() {
        for (auto& [directory, changes] : pending_names) {
            const std::size_t arrived = random_.below(changes.size() + 1);
            for (std::size_t i = 0; i < arrived; ++i)
                changes[i].apply(durable_names);
        }
        pending_names.clear();
        names = durable_names;
        locks.clear();
        cut.reset();
        without_power = false;
        ++epoch;
        std::set<Inode*> seen;
        for (const auto& [path, inode] : names)
            if (seen.insert(inode.get()).second) lose(*inode);
    }

    DiskResult<> write(Inode& inode, std::uint64_t offset, std::string octets, const std::string& path) {
        const bool had_power = !without_power;
        DiskResult<> done = count(Call::write, path);
        if (!done && without_power) {
            // Any part of what was under way may have reached the platter.
            if (had_power) inode.pending.push_back({offset, std::move(octets)});
            return done;
        }
        const std::uint64_t end = offset + octets.size();
        if (done && end > inode.current.size() && used() + end - inode.current.size() > capacity)
            done = error(ErrorCode::no_space, "write", path);
        if (!done) octets.resize(octets.size() / 2);
        const Change change{offset, std::move(octets)};
        if (!change.octets.empty()) {
            change.apply(inode.current);
            inode.pending.push_back(change);
        }
        return done;
    }

    DiskResult<> sync(Inode& inode, const std::string& path) {
        const DiskResult<> done = count(Call::sync, path);
        if (done)
            for (const Change& change : inode.pending)
                change.apply(inode.durable);
        if (!without_power) inode.pending.clear();
        return done;
    }

    mutable std::mutex mutex;
    Names names;
    Names durable_names;
    std::map<std::string, std::vector<NameChange>> pending_names; ///< by directory
    std::set<std::string> directories;
    std::set<std::string> locks;
    std::uint64_t epoch = 0; ///< crashes so far
    std::uint64_t capacity = std::numeric_limits<std::uint64_t>::max();
    std::array<std::uint64_t, static_cast<std::size_t>(Call::open) + 1> counts{};
    std::array<std::optional<ErrorCode>, static_cast<std::size_t>(Call::open) + 1> always{};
    std::map<std::pair<Call, std::uint64_t>, ErrorCode> failures;

    struct Cut {
        Call call;
        std::uint64_t at;
        std::function<void()> gone;
    };

    std::optional<Cut> cut;
    bool without_power = false;

private:
    /// Leaves of the un-synced changes what chance lets arrive.
    void lose(Inode& inode) {
        for (const Change& change : inode.pending) {
            if (change.truncation) {
                if (random_.below(2) == 0) change.apply(inode.durable);
                continue;
            }
            for (std::size_t at = 0; at < change.octets.size();) {
                const std::size_t in_sector = (change.offset + at) % kSectorBytes;
                const std::size_t size = std::min(kSectorBytes - in_sector, change.octets.size() - at);
                if (random_.below(2) == 0)
                    Change{change.offset + at, change.octets.substr(at, size)}.apply(inode.durable);
                at += size;
            }
        }
        inode.pending.clear();
        inode.current = inode.durable;
    }

    SeededRandom random_;
};

class FaultyFileSystem::OpenFile final : public File {
public:
    OpenFile(std::shared_ptr<Disk> disk, std::shared_ptr<Inode> inode, std::string path, bool writable)
        : disk_(std::move(disk)), inode_(std::move(inode)), path_(std::move(path)), writable_(writable),
          epoch_(disk_->epoch) {}

    DiskResult<std::string> read_at(std::uint64_t offset, std::size_t length) override {
        const std::lock_guard lock(disk_->mutex);
        TRY_VOID(alive());
        TRY_VOID(disk_->count(Call::read, path_));
        if (offset >= inode_->current.size()) return std::string{};
        return inode_->current.substr(offset, length);
    }

    DiskResult<> write_at(std::uint64_t offset, std::span<const std::string_view> pieces) override {
        const std::lock_guard lock(disk_->mutex);
        TRY_VOID(alive());
        if (!writable_) return error(ErrorCode::io, "write to a read-only file", path_);
        std::string octets;
        for (const std::string_view piece : pieces)
            octets += piece;
        return disk_->write(*inode_, offset, std::move(octets), path_);
    }

    DiskResult<> sync() override {
        const std::lock_guard lock(disk_->mutex);
        TRY_VOID(alive());
        return disk_->sync(*inode_, path_);
    }

    DiskResult<> truncate(std::uint64_t size) override {
        const std::lock_guard lock(disk_->mutex);
        TRY_VOID(alive());
        TRY_VOID(disk_->count(Call::write, path_));
        const Change change{.offset = size, .octets = {}, .truncation = true};
        change.apply(inode_->current);
        inode_->pending.push_back(change);
        return {};
    }

    DiskResult<std::uint64_t> size() override {
        const std::lock_guard lock(disk_->mutex);
        TRY_VOID(alive());
        return inode_->current.size();
    }

private:
    DiskResult<> alive() const {
        if (disk_->epoch != epoch_) return error(ErrorCode::io, "the disk crashed under", path_);
        return {};
    }

    const std::shared_ptr<Disk> disk_;
    const std::shared_ptr<Inode> inode_;
    const std::string path_;
    const bool writable_;
    const std::uint64_t epoch_;
};

class FaultyFileSystem::OpenLock final : public Lock {
public:
    OpenLock(std::shared_ptr<Disk> disk, std::string path)
        : disk_(std::move(disk)), path_(std::move(path)), epoch_(disk_->epoch) {}

    OpenLock(const OpenLock&) = delete;
    OpenLock& operator=(const OpenLock&) = delete;

    ~OpenLock() override {
        const std::lock_guard lock(disk_->mutex);
        if (disk_->epoch == epoch_) disk_->locks.erase(path_);
    }

private:
    const std::shared_ptr<Disk> disk_;
    const std::string path_;
    const std::uint64_t epoch_;
};

FaultyFileSystem::FaultyFileSystem(std::uint64_t seed) : disk_(std::make_shared<Disk>(seed)) {}

FaultyFileSystem::~FaultyFileSystem() = default;

void FaultyFileSystem::crash() {
    const std::lock_guard lock(disk_->mutex);
    disk_->crash();
}

void FaultyFileSystem::fail(Call call, std::uint64_t nth, ErrorCode code) {
    const std::lock_guard lock(disk_->mutex);
    disk_->failures.emplace(std::pair{call, disk_->counts[static_cast<std::size_t>(call)] + nth}, code);
}

void FaultyFileSystem::fail_always(Call call, ErrorCode code) {
    const std::lock_guard lock(disk_->mutex);
    disk_->always[static_cast<std::size_t>(call)] = code;
}

void FaultyFileSystem::clear_failures() {
    const std::lock_guard lock(disk_->mutex);
    disk_->failures.clear();
    disk_->always = {};
    disk_->cut.reset();
}

void FaultyFileSystem::cut_power(Call call, std::uint64_t nth, std::function<void()> gone) {
    const std::lock_guard lock(disk_->mutex);
    disk_->cut = Disk::Cut{call, disk_->counts[static_cast<std::size_t>(call)] + nth, std::move(gone)};
}

void FaultyFileSystem::cut_power() {
    const std::lock_guard lock(disk_->mutex);
    disk_->cut.reset();
    disk_->without_power = true;
}

std::uint64_t FaultyFileSystem::calls(Call call) const {
    const std::lock_guard lock(disk_->mutex);
    return disk_->counts[static_cast<std::size_t>(call)];
}

void FaultyFileSystem::set_capacity(std::uint64_t bytes) {
    const std::lock_guard lock(disk_->mutex);
    disk_->capacity = bytes;
}

void FaultyFileSystem::rot(const std::string& path, std::uint64_t offset) {
    const std::lock_guard lock(disk_->mutex);
    Inode& inode = *disk_->names.at(path);
    ASSERT(offset < inode.current.size());
    inode.current[offset] ^= 0x10;
    if (offset < inode.durable.size()) inode.durable[offset] ^= 0x10;
}

DiskResult<std::unique_ptr<File>> FaultyFileSystem::create(const std::string& path) {
    const std::lock_guard lock(disk_->mutex);
    TRY_VOID(disk_->count(Call::open, path));
    if (disk_->names.contains(path)) return error(ErrorCode::exists, "create", path);
    if (!disk_->directories.contains(directory_of(path))) return error(ErrorCode::not_found, "create", path);
    auto inode = std::make_shared<Inode>();
    disk_->change_names(directory_of(path), {{{path, inode}}});
    return std::make_unique<OpenFile>(disk_, std::move(inode), path, true);
}

DiskResult<std::unique_ptr<File>> FaultyFileSystem::open(const std::string& path) {
    const std::lock_guard lock(disk_->mutex);
    TRY_VOID(disk_->count(Call::open, path));
    const auto found = disk_->names.find(path);
    if (found == disk_->names.end()) return error(ErrorCode::not_found, "open", path);
    return std::make_unique<OpenFile>(disk_, found->second, path, true);
}

DiskResult<std::unique_ptr<File>> FaultyFileSystem::open_read_only(const std::string& path) {
    const std::lock_guard lock(disk_->mutex);
    TRY_VOID(disk_->count(Call::open, path));
    const auto found = disk_->names.find(path);
    if (found == disk_->names.end()) return error(ErrorCode::not_found, "open", path);
    return std::make_unique<OpenFile>(disk_, found->second, path, false);
}

DiskResult<std::unique_ptr<File>> FaultyFileSystem::temporary(const std::string& directory) {
    const std::lock_guard lock(disk_->mutex);
    TRY_VOID(disk_->count(Call::open, directory));
    if (!disk_->directories.contains(directory)) return error(ErrorCode::not_found, "temporary in", directory);
    return std::make_unique<OpenFile>(disk_, std::make_shared<Inode>(), directory + "/(temporary)", true);
}

DiskResult<> FaultyFileSystem::make_directory(const std::string& path) {
    const std::lock_guard lock(disk_->mutex);
    TRY_VOID(disk_->count(Call::name, path));
    for (std::size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
        disk_->directories.insert(path.substr(0, slash));
        if (slash == std::string::npos) return {};
    }
}

DiskResult<> FaultyFileSystem::sync_directory(const std::string& path) {
    const std::lock_guard lock(disk_->mutex);
    const DiskResult<> done = disk_->count(Call::sync, path);
    if (!done) return done;
    for (const NameChange& change : disk_->pending_names[path])
        change.apply(disk_->durable_names);
    disk_->pending_names.erase(path);
    return {};
}

DiskResult<std::vector<std::string>> FaultyFileSystem::list(const std::string& directory) {
    const std::lock_guard lock(disk_->mutex);
    TRY_VOID(disk_->count(Call::open, directory));
    if (!disk_->directories.contains(directory)) return error(ErrorCode::not_found, "list", directory);
    std::vector<std::string> found;
    for (const auto& [path, inode] : disk_->names)
        if (directory_of(path) == directory) found.push_back(path.substr(directory.size() + 1));
    for (const std::string& path : disk_->directories)
        if (path != directory && directory_of(path) == directory) found.push_back(path.substr(directory.size() + 1));
    std::ranges::sort(found);
    return found;
}

DiskResult<> FaultyFileSystem::rename(const std::string& from, const std::string& to) {
    const std::lock_guard lock(disk_->mutex);
    TRY_VOID(disk_->count(Call::name, from));
    const auto found = disk_->names.find(from);
    if (found == disk_->names.end()) return error(ErrorCode::not_found, "rename", from);
    ASSERT(directory_of(from) == directory_of(to)); // nothing here renames across directories
    disk_->change_names(directory_of(from), {{{to, found->second}, {from, nullptr}}});
    return {};
}

DiskResult<> FaultyFileSystem::remove(const std::string& path) {
    const std::lock_guard lock(disk_->mutex);
    TRY_VOID(disk_->count(Call::name, path));
    if (!disk_->names.contains(path)) return error(ErrorCode::not_found, "remove", path);
    disk_->change_names(directory_of(path), {{{path, nullptr}}});
    return {};
}

DiskResult<std::unique_ptr<Lock>> FaultyFileSystem::lock(const std::string& path) {
    const std::lock_guard lock(disk_->mutex);
    TRY_VOID(disk_->count(Call::open, path));
    if (!disk_->locks.insert(path).second) return error(ErrorCode::locked, "lock", path);
    return std::make_unique<OpenLock>(disk_, path);
}

DiskResult<std::uint64_t> FaultyFileSystem::free_bytes(const std::string&) {
    const std::lock_guard lock(disk_->mutex);
    const std::uint64_t used = disk_->used();
    return used < disk_->capacity ? disk_->capacity - used : 0;
}

} // namespace tegami::disk
