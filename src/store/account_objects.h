// Objects: what an account keeps beside its mail, such as whom it sends as and what it has sent (RFC 8621 §6, §7). What an
// object says is its owner's affair, octets here; the account knows when it came, changed and went, so that `/changes` can
// be answered (decision 23).
//
// 1. An object is named by the version that made it; no id comes twice.
// 2. One that was removed is told of as long as the change log reaches back to it, and not too many went after it
//    (Objects::floor).
// 3. A change names what it was made from: of two who change one object at the same time the second is told so.
// What calls answer is durable. Errors are those of Account's methods.
#pragma once

#include "store/account.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tegami::store {

struct Object {
    ObjectId id;
    Version changed; ///< the last commit that touched it
    bool gone = false;
    /// It goes by itself when the retention time has passed since then; nothing: it stays.
    std::optional<Timestamp> over;
    std::string octets; ///< what it says; of one that is gone, what its owner wants to remember

    /// Whether a client that knows `version` does not know the object as it is.
    bool is_new_since(Version version) const { return changed > version; }

    bool is_made_since(Version version) const { return id.value > version.value; }

    bool operator==(const Object&) const = default;
};

struct Objects {
    Version version;         ///< all changes up to it are in the list
    Version floor;           ///< what is gone is in the list if it went after this version
    std::vector<Object> all; ///< by id

    /// Null if it is not there, or gone.
    const Object* find(ObjectId id) const;
};

/// Limit: octets of one object.
inline constexpr std::size_t kObjectBytesMax = 512 * 1024;
/// Limit: objects of one kind, and their octets together; those that are gone apart.
inline constexpr std::size_t kObjectsMax = 2000;
inline constexpr std::size_t kObjectsBytesMax = 8 * 1024 * 1024;
/// Limit: objects of one kind that are gone; of more the first are forgotten.
inline constexpr std::size_t kObjectsGoneMax = 200;

/// The objects of one kind. Methods may be called from any thread.
class AccountObjects {
public:
    AccountObjects(AccountPtr account, ObjectKind kind) : account_(std::move(account)), kind_(kind) {}

    /// What cannot be read is left out.
    async::Awaitable<StoreResult<Objects>> read() const;
    /// Errors: invalid (too large, too many).
    async::Awaitable<StoreResult<ObjectId>> add(std::string octets, std::optional<Timestamp> over = {}) const;
    /// Writes it as it is now, `changed` being that of the object when it was read. Errors: not_found (it is gone, or
    /// another change came first), invalid (too large, too many octets together).
    async::Awaitable<StoreResult<>> put(Object object) const;
    /// `remembered` is what it says from now on. Errors: not_found.
    async::Awaitable<StoreResult<>> remove(ObjectId id, std::string remembered = {}) const;

private:
    const AccountPtr account_;
    const ObjectKind kind_;
};

/// For sweep(): ends those whose time is over, and forgets those of which the change log does not tell any more.
async::Awaitable<StoreResult<>> sweep_objects(AccountCore* core);

} // namespace tegami::store

namespace tegami::store::record {

/// O: an object. `id` is in the key.
std::string encode(const Object& object);
std::optional<Object> decode_object(ObjectId id, std::string_view value);
std::string object_key(ObjectKind kind, ObjectId id);

} // namespace tegami::store::record
