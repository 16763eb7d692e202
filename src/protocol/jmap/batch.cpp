#include "protocol/jmap/batch.h"

#include "base/assert.h"
#include "protocol/jmap/reference.h"

namespace tegami::jmap {

Batch::Batch(Request request, const RequestLimits& limits)
    : capabilities_(std::move(request.capabilities)), calls_(std::move(request.calls)),
      tell_created_ids_(request.created_ids.has_value()), references_max_(limits.referenced),
      references_left_(limits.referenced) {
    if (!request.created_ids) return;
    for (const auto& [creation_id, id] : *request.created_ids)
        created_ids_.add(std::string(creation_id), std::string(id.as_string()));
}

const Invocation* Batch::next() {
    while (at_ < calls_.size()) {
        Invocation& call = calls_[at_++];
        auto arguments = with_references(std::move(call.arguments), responses_, references_left_);
        if (arguments) {
            call.arguments = *std::move(arguments);
            return &call;
        }
        fail(arguments.error());
    }
    return nullptr;
}

void Batch::answer(std::string name, json::object arguments) {
    ASSERT(at_ > 0);
    responses_.push_back(
        {.name = std::move(name), .arguments = std::move(arguments), .call_id = calls_[at_ - 1].call_id});
}

void Batch::fail(const Fault& fault) {
    answer("error", method_error(fault));
}

json::object Batch::finish(std::string_view session_state) && {
    json::array responses;
    for (Invocation& one : responses_)
        responses.push_back(json::array{one.name, std::move(one.arguments), one.call_id});
    json::object response{{"methodResponses", std::move(responses)}, {"sessionState", session_state}};
    if (tell_created_ids_) response["createdIds"] = created_ids_.to_json();
    return response;
}

} // namespace tegami::jmap
