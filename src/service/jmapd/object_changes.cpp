#include "service/jmapd/object_changes.h"

#include "service/jmapd/changes_state.h"
#include "service/jmapd/ids.h"

#include <algorithm>

namespace tegami::jmapd {

namespace {

std::unexpected<jmap::Fault> unknown_state() {
    return failure(jmap::Fault{.type = "cannotCalculateChanges", .description = {}});
}

bool is_known_since(store::Version since, const store::Objects& objects) {
    return since >= objects.floor && since <= objects.version;
}

std::vector<std::string> object_names(store::ObjectKind kind, const std::vector<store::ObjectId>& ids) {
    std::vector<std::string> names;
    for (const store::ObjectId id : ids)
        names.push_back(id_of(kind, id));
    return names;
}

} // namespace

MethodResult object_changes(const jmap::ChangesArguments& asked, store::ObjectKind kind,
                            const store::Objects& objects) {
    const auto state = parse_changes_state(asked.since_state);
    if (!state || !is_known_since(state->since, objects)) return unknown_state();
    ChangesSince found{.state = *state, .changes = {}};
    if (!found.state.until) found.state.until = objects.version;
    if (*found.state.until > objects.version) return unknown_state();
    found.more = *found.state.until < objects.version;
    store::ChangedIds<store::ObjectId> changed;
    for (const store::Object& object : objects.all) {
        if (!object.is_new_since(state->since)) continue;
        const bool made = object.is_made_since(state->since);
        if (object.gone && !made) changed.destroyed.push_back(object.id);
        if (!object.gone) (made ? changed.created : changed.updated).push_back(object.id);
    }
    const auto page = next_page(found, changed, asked.changes_max);
    return jmap::changes_answer(asked, {.new_state = text_of(page.next),
                                        .more = page.more,
                                        .created = object_names(kind, page.ids.created),
                                        .updated = object_names(kind, page.ids.updated),
                                        .destroyed = object_names(kind, page.ids.destroyed)});
}

Result<std::vector<std::string>, jmap::Fault> objects_touched(store::ObjectKind kind, const store::Objects& objects,
                                                              std::string_view since_state) {
    const auto since = parse_state(since_state);
    if (!since || !is_known_since(*since, objects)) return unknown_state();
    std::vector<std::string> touched;
    for (const store::Object& object : objects.all)
        if (object.is_new_since(*since)) touched.push_back(id_of(kind, object.id));
    return touched;
}

std::optional<std::vector<std::string>> object_ids(const jmap::GetArguments& get, store::ObjectKind kind,
                                                   const store::Objects& objects, std::size_t count_max) {
    if (get.ids) return get.ids;
    std::vector<std::string> ids;
    for (const store::Object& object : objects.all)
        if (!object.gone) ids.push_back(id_of(kind, object.id));
    if (ids.size() > count_max) return std::nullopt;
    return ids;
}

} // namespace tegami::jmapd
