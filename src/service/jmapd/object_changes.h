// What has changed among the objects of an account (store/account_objects.h): for the methods of identities and submissions.
#pragma once

#include "protocol/jmap/answers.h"
#include "service/jmapd/call.h"
#include "store/account_objects.h"

#include <string>
#include <string_view>
#include <vector>

namespace tegami::jmapd {

/// `/changes` (RFC 8620 §5.2). Faults: cannotCalculateChanges.
MethodResult object_changes(const jmap::ChangesArguments& asked, store::ObjectKind kind, const store::Objects& objects);

/// The ids of all objects that came, changed or went since this state of a query, for `/queryChanges`. Faults:
/// cannotCalculateChanges.
Result<std::vector<std::string>, jmap::Fault> objects_touched(store::ObjectKind kind, const store::Objects& objects,
                                                              std::string_view since_state);

/// Which objects `/get` is about: those asked for, or all that are there. Nothing if they are more than a client may ask for.
std::optional<std::vector<std::string>> object_ids(const jmap::GetArguments& get, store::ObjectKind kind,
                                                   const store::Objects& objects, std::size_t count_max);

} // namespace tegami::jmapd
