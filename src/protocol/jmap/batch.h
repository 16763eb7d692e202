// The method calls of a request, one after the other (RFC 8620 §3.5): each may refer to what those before it gave. A call
// that fails does not stop the rest.
#pragma once

#include "protocol/jmap/created_ids.h"
#include "protocol/jmap/fault.h"
#include "protocol/jmap/request.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::jmap {

class Batch {
public:
    Batch(Request request, const RequestLimits& limits);

    /// The next call to carry out, with its references in place; call answer() or fail() before the next one. Those whose
    /// references lead nowhere are answered already. Nothing: all are done.
    const Invocation* next();

    /// Whether next() was called for all of them.
    bool is_done() const { return at_ == calls_.size(); }

    /// The response to the call; a method may give several, with other names, such as the Email/set that follows from an
    /// EmailSubmission/set (RFC 8621 §7.5).
    void answer(std::string name, json::object arguments);
    void fail(const Fault& fault);

    /// Whether the client named this capability in `using`.
    bool uses(std::string_view capability) const { return capabilities_.contains(capability); }

    CreatedIds& created_ids() { return created_ids_; }

    /// How much the references of the calls so far have copied (RequestLimits::referenced).
    std::size_t copied() const { return references_max_ - references_left_; }

    /// The whole response (RFC 8620 §3.4).
    json::object finish(std::string_view session_state) &&;

private:
    std::set<std::string, std::less<>> capabilities_;
    std::vector<Invocation> calls_;
    std::size_t at_ = 0; ///< behind the call under way
    std::vector<Invocation> responses_;
    CreatedIds created_ids_;
    bool tell_created_ids_ = false;
    const std::size_t references_max_;
    std::size_t references_left_;
};

} // namespace tegami::jmap
