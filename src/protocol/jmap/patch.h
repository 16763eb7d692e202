// A PatchObject (RFC 8620 §5.3): what an update changes of a record, by paths.
#pragma once

#include "base/result.h"
#include "protocol/jmap/fault.h"

namespace tegami::jmap {

/// `record` with the patch applied. null takes a property away, or does nothing if it is not there; a path leads through
/// objects that are there, never into a list, and a token of digits is a name. Faults: invalidPatch, which names the path.
Result<json::object, Fault> apply_patch(json::object record, const json::object& patch);

} // namespace tegami::jmap
