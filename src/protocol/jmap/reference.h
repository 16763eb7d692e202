// References to the result of an earlier call of the same request (RFC 8620 §3.7): "#ids": {"resultOf", "name", "path"}.
#pragma once

#include "base/result.h"
#include "protocol/jmap/fault.h"
#include "protocol/jmap/request.h"

#include <cstddef>
#include <span>

namespace tegami::jmap {

/// Puts what they refer to in the place of all references among the arguments. `left` is how much may still be copied
/// (RequestLimits::referenced), and becomes less. Faults: invalidArguments (a name both with and without "#"),
/// invalidResultReference.
Result<json::object, Fault> with_references(json::object arguments, std::span<const Invocation> responses,
                                            std::size_t& left);

} // namespace tegami::jmap
