#include "reception/retrieval.h"

#include "base/ascii.h"

#include <algorithm>

namespace tegami::reception {

namespace {

/// Return-Path and our Received field with the longest names that they can have.
constexpr std::uint64_t kTraceBytesMax = 2048;
/// As Journeys::new_journey() makes them.
constexpr std::size_t kJourneyIdBytes = 24;

/// Takes what stands before `end` off the front, and `end` too; nothing if it is not there.
std::optional<std::string_view> take_to(std::string_view& text, std::string_view end) {
    const auto at = text.find(end);
    if (at == std::string_view::npos) return std::nullopt;
    const std::string_view taken = text.substr(0, at);
    text.remove_prefix(at + end.size());
    return taken;
}

} // namespace

std::optional<std::string> journey_of(std::string_view beginning) {
    if (beginning.starts_with("Return-Path:")) {
        if (!take_to(beginning, "\r\n")) return std::nullopt;
    }
    if (!beginning.starts_with("Received:")) return std::nullopt;
    auto field = take_to(beginning, ";");
    if (!field || !take_to(*field, "(Tegami)\r\n\twith ") || !take_to(*field, " id ")) return std::nullopt;
    const std::string_view id = field->substr(0, field->find("\r\n"));
    const bool sound = id.size() == kJourneyIdBytes &&
                       std::ranges::all_of(id, [](char c) { return ascii::is_alnum(c) && !ascii::is_upper(c); });
    if (!sound) return std::nullopt;
    return std::string(id);
}

async::Awaitable<> record_retrieval(store::Store* store, store::Journeys* journeys, Timestamp now,
                                    Retrieval retrieval) {
    if (now - retrieval.internal_date > kRetrievalAgeMax) co_return;
    const auto beginning = co_await store->read_blob(retrieval.blob, 0, kTraceBytesMax);
    if (!beginning) co_return;
    auto journey = journey_of(*beginning);
    if (!journey) co_return;
    journeys->record({.journey = *std::move(journey),
                      .time = {},
                      .kind = "retrieved",
                      .fields = {{"account", std::move(retrieval.account)},
                                 {"service", std::move(retrieval.service)},
                                 {"client", std::move(retrieval.client)}},
                      .message_id = {},
                      .addresses = {}});
}

} // namespace tegami::reception
