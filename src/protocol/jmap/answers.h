// The answers that all methods of one kind share (RFC 8620 §5).
#pragma once

#include "protocol/jmap/fault.h"
#include "protocol/jmap/standard.h"
#include "json/json.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::jmap {

/// §5.1
json::object get_answer(std::string_view account, std::string_view state, json::array list,
                        const std::vector<std::string>& not_found);

/// §5.2. Whether all changes were found is said by `more`.
struct Changes {
    std::string new_state;
    bool more = false;
    std::vector<std::string> created;
    std::vector<std::string> updated;
    std::vector<std::string> destroyed;
};

json::object changes_answer(const ChangesArguments& asked, const Changes& changes);

/// §5.5. `ids`: the whole result; only those of the window are told.
struct QueryResult {
    std::string state;
    bool can_calculate_changes = false;
    std::vector<std::string> ids;
};

/// Faults: anchorNotFound.
Result<json::object, Fault> query_answer(const QueryArguments& asked, const QueryResult& result, std::size_t limit_max);

/// §5.6. `ids`: the whole result as it is now. `touched`: of everything that may have come, gone or moved, the ids;
/// those in the result are told as removed and added again, the others as removed.
/// Faults: tooManyChanges.
Result<json::object, Fault> query_changes_answer(const QueryChangesArguments& asked, const QueryResult& result,
                                                 const std::vector<std::string>& touched);

/// §5.3: what became of each record.
class SetAnswer {
public:
    void created(std::string_view creation_id, json::object properties);
    void not_created(std::string_view creation_id, const Fault& fault);
    /// `properties`: what changed beyond the patch; empty if nothing did.
    void updated(std::string_view id, json::object properties = {});
    void not_updated(std::string_view id, const Fault& fault);
    void destroyed(std::string_view id);
    void not_destroyed(std::string_view id, const Fault& fault);

    /// Of what belongs to no account and has no state (§7.2.2).
    json::object finish() &&;
    json::object finish(std::string_view account, std::string_view old_state, std::string_view new_state) &&;

private:
    json::object created_;
    json::object not_created_;
    json::object updated_;
    json::object not_updated_;
    json::array destroyed_;
    json::object not_destroyed_;
};

} // namespace tegami::jmap
