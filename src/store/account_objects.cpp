#include "store/account_objects.h"

#include "async/turns.h"
#include "base/bytes.h"
#include "store/account_core.h"
#include "store/engine/scan.h"

#include <algorithm>

namespace tegami::store {

namespace {

/// Rows read, and changed by one commit of a sweep, between two turns of others.
constexpr std::size_t kObjectsPerTurn = 64;
/// Octets of a row's key: a letter, the kind, the id.
constexpr std::size_t kObjectKeyBytes = 10;

ObjectId id_of_key(std::string_view key) {
    return ObjectId(record::number64(key, 2));
}

Range range_of(ObjectKind kind) {
    std::string begin = record::object_key(kind, ObjectId(0));
    begin.resize(2);
    std::string end = record::behind(begin);
    return {.begin = std::move(begin), .end = std::move(end), .rows_max = kObjectsPerTurn, .around_damage = true};
}

/// All rows of a kind that can be read.
async::Awaitable<StoreResult<std::vector<Object>>> read_all(const AccountCore* core, ObjectKind kind) {
    std::vector<Object> all;
    Scan scan(core->dependencies().engine, core->domain(), range_of(kind));
    while (scan.more()) {
        CO_TRY(const Page page, co_await scan.next());
        for (const Row& row : page.rows)
            if (auto object = record::decode_object(id_of_key(row.key), row.value)) all.push_back(*std::move(object));
        if (scan.more()) co_await async::give_way();
    }
    co_return all;
}

/// The row of id 0 says up to which version what went is forgotten.
constexpr ObjectId kForgotten{0};

/// One change of one object, as the account's writer.
class ChangeObject {
public:
    enum class How : std::uint8_t { add, put, remove };

    ChangeObject(AccountCore* core, ObjectKind kind, How how, Object object)
        : core_(core), kind_(kind), how_(how), object_(std::move(object)) {}

    async::Awaitable<StoreResult<>> run() {
        PendingCommit change = core_->begin();
        Object changed = object_;
        if (how_ == How::add) {
            changed.id = ObjectId(change.modseq.value);
        } else {
            CO_TRY_VOID(co_await check_present(&changed));
        }
        if (how_ != How::remove) {
            CO_TRY_VOID(co_await make_room(&change, changed.octets.size()));
        }
        changed.changed = change.modseq;
        changed.gone = how_ == How::remove;
        change.put(record::object_key(kind_, changed.id), record::encode(changed));
        change.objects.insert(kind_);
        CO_TRY_VOID(co_await core_->commit(&change));
        id_ = changed.id;
        co_return StoreResult<>{};
    }

    ObjectId id() const { return id_; }

private:
    /// For so many octets more; forgets what went first where too many are gone.
    async::Awaitable<StoreResult<>> make_room(PendingCommit* change, std::size_t bytes) {
        if (bytes > kObjectBytesMax) co_return failure(Error{ErrorCode::invalid, "an object is too large"});
        CO_TRY(const std::vector<Object> all, co_await read_all(core_, kind_));
        std::size_t there = 1;
        std::vector<const Object*> gone;
        for (const Object& each : all) {
            if (each.gone && each.id != kForgotten) gone.push_back(&each);
            if (each.gone || each.id == object_.id) continue;
            ++there;
            bytes += each.octets.size();
        }
        if (there > kObjectsMax || bytes > kObjectsBytesMax)
            co_return failure(Error{ErrorCode::invalid, "an account has too many objects"});
        if (gone.size() <= kObjectsGoneMax) co_return StoreResult<>{};
        std::ranges::sort(gone, {}, [](const Object* each) { return each->changed; });
        const std::size_t most = std::min(kObjectsPerTurn, core_->dependencies().limits.batch_operations_max / 2);
        gone.resize(std::min(gone.size() - kObjectsGoneMax, most));
        for (const Object* const each : gone)
            change->erase(record::object_key(kind_, each->id));
        change->put(
            record::object_key(kind_, kForgotten),
            record::encode(Object{.id = kForgotten, .changed = gone.back()->changed, .gone = true, .over = {}}));
        co_return StoreResult<>{};
    }

    async::Awaitable<StoreResult<>> check_present(Object* changed) {
        CO_TRY(const auto value, co_await core_->reader().get(record::object_key(kind_, object_.id)));
        auto present = value ? record::decode_object(object_.id, *value) : std::nullopt;
        const bool same = how_ == How::remove || (present && present->changed == object_.changed);
        if (!present || present->gone || !same) co_return failure(Error{ErrorCode::not_found, "object"});
        if (how_ == How::remove) changed->over = {};
        co_return StoreResult<>{};
    }

    AccountCore* const core_;
    const ObjectKind kind_;
    const How how_;
    const Object object_;
    ObjectId id_;
};

/// Some rows in each run.
class SweepObjects {
public:
    explicit SweepObjects(AccountCore* core)
        : core_(core), cutoff_(core->dependencies().clock->now() - core->dependencies().options.retention) {}

    async::Awaitable<StoreResult<>> run() {
        const std::size_t most = std::min(kObjectsPerTurn, core_->dependencies().limits.batch_operations_max - 3);
        const Range range{.begin = next_, .end = "P", .rows_max = most, .around_damage = true};
        Scan scan(core_->dependencies().engine, core_->domain(), range);
        CO_TRY(const Page page, co_await scan.next());
        PendingCommit swept = core_->begin();
        for (const Row& row : page.rows)
            sweep(swept, row);
        CO_TRY_VOID(co_await core_->commit(&swept));
        done_ = !scan.more();
        if (!done_) next_ = scan.position();
        co_return StoreResult<>{};
    }

    bool done() const { return done_; }

private:
    void sweep(PendingCommit& swept, const Row& row) const {
        if (row.key.size() != kObjectKeyBytes) return;
        auto object = record::decode_object(id_of_key(row.key), row.value);
        if (!object) return; // left for repair
        if (object->id == kForgotten) return;
        if (object->gone) {
            if (object->changed <= core_->rows().account.log_floor) swept.erase(row.key);
            return;
        }
        if (!object->over || *object->over >= cutoff_) return;
        object->gone = true;
        object->changed = swept.modseq;
        object->octets.clear();
        swept.put(row.key, record::encode(*object));
        swept.objects.insert(static_cast<ObjectKind>(row.key[1]));
    }

    AccountCore* const core_;
    const Timestamp cutoff_;
    std::string next_ = "O"; // key
    bool done_ = false;
};

} // namespace

const Object* Objects::find(ObjectId id) const {
    const auto found = std::ranges::lower_bound(all, id, {}, &Object::id);
    return found == all.end() || found->id != id || found->gone ? nullptr : &*found;
}

async::Awaitable<StoreResult<Objects>> AccountObjects::read() const {
    const AccountCore* const core = account_->core_.get();
    CO_TRY_VOID(core->published().check_there());
    // Before the rows: what comes meanwhile may be among them, and is told again to who asks from this version on.
    Objects objects{.version = account_->mailboxes()->version(), .floor = {}, .all = {}};
    CO_TRY(objects.all, co_await read_all(core, kind_));
    // After them: what a sweep has taken meanwhile was missed.
    objects.floor = core->published().row().log_floor;
    if (!objects.all.empty() && objects.all.front().id == kForgotten) {
        objects.floor = std::max(objects.floor, objects.all.front().changed);
        objects.all.erase(objects.all.begin());
    }
    co_return objects;
}

async::Awaitable<StoreResult<ObjectId>> AccountObjects::add(std::string octets, std::optional<Timestamp> over) const {
    Object object{.id = {}, .changed = {}, .over = over, .octets = std::move(octets)};
    ChangeObject operation(account_->core_.get(), kind_, ChangeObject::How::add, std::move(object));
    CO_TRY_VOID(co_await account_->core_->write(&operation));
    co_return operation.id();
}

async::Awaitable<StoreResult<>> AccountObjects::put(Object object) const {
    ChangeObject operation(account_->core_.get(), kind_, ChangeObject::How::put, std::move(object));
    co_return co_await account_->core_->write(&operation);
}

async::Awaitable<StoreResult<>> AccountObjects::remove(ObjectId id, std::string remembered) const {
    Object object{.id = id, .changed = {}, .over = {}, .octets = std::move(remembered)};
    ChangeObject operation(account_->core_.get(), kind_, ChangeObject::How::remove, std::move(object));
    co_return co_await account_->core_->write(&operation);
}

async::Awaitable<StoreResult<>> sweep_objects(AccountCore* core) {
    SweepObjects objects(core);
    while (!objects.done()) {
        CO_TRY_VOID(co_await core->maintain(&objects));
        co_await async::give_way();
    }
    co_return StoreResult<>{};
}

} // namespace tegami::store

namespace tegami::store::record {

std::string encode(const Object& object) {
    std::string out = begin_value();
    out.push_back(static_cast<char>((object.gone ? 1 : 0) | (object.over ? 2 : 0)));
    bytes::append_varint(out, object.changed.value);
    if (object.over) append_time(out, *object.over);
    bytes::append_string(out, object.octets);
    return out;
}

std::optional<Object> decode_object(ObjectId id, std::string_view value) {
    bytes::Reader in = open_value(value);
    Object object{.id = id, .changed = {}, .over = {}, .octets = {}};
    const auto bits = in.big_endian<std::uint8_t>();
    object.gone = (bits & 1) != 0;
    object.changed = Version(in.varint());
    if ((bits & 2) != 0) object.over = read_time(in);
    object.octets = in.string();
    const bool sound = in.complete() && bits <= 3 && (id.value != 0 || object.gone) &&
                       object.changed.value >= id.value && object.octets.size() <= kObjectBytesMax;
    if (!sound) return std::nullopt;
    return object;
}

std::string object_key(ObjectKind kind, ObjectId id) {
    return key('O', static_cast<std::uint8_t>(kind), id.value);
}

} // namespace tegami::store::record
