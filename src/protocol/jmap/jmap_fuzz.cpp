// Any octets as a request whose calls are all echoed: it ends, within bounds, and its answer is JSON that reads back.
// Then each call's arguments as those of the standard methods, as a filter and as a patch.
#include "base/assert.h"
#include "protocol/jmap/batch.h"
#include "protocol/jmap/filter.h"
#include "protocol/jmap/patch.h"
#include "protocol/jmap/socket_message.h"
#include "protocol/jmap/standard.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tegami;
    using namespace tegami::jmap;
    const RequestLimits limits{.size_bytes = 100'000, .calls = 16, .referenced = 10'000};
    const std::string_view octets(reinterpret_cast<const char*>(data), size);
    const auto known = [](std::string_view name) { return name.size() < 5; };
    auto request = parse_request(octets, limits, known);
    const auto message = parse_socket_message(octets, limits, known);
    const bool is_request = message && std::holds_alternative<SocketRequest>(*message);
    ASSERT(!is_request || request);
    if (!request) {
        ASSERT(problem_details(request.error()).contains("type"));
        return 0;
    }
    Batch batch(*std::move(request), limits);
    std::size_t calls = 0;
    while (const Invocation* call = batch.next()) {
        ASSERT(++calls <= limits.calls);
        const auto with_arguments = [&](auto take) {
            Arguments arguments(call->arguments, batch.created_ids());
            static_cast<void>(take(arguments));
            static_cast<void>(arguments.finish());
        };
        with_arguments([&](Arguments& of) { return take_get(of, limits); });
        with_arguments([&](Arguments& of) { return take_set(of, batch.created_ids(), limits); });
        with_arguments([&](Arguments& of) { return take_query_changes(of); });
        with_arguments([&](Arguments& of) {
            const QueryArguments query = take_query(of);
            const auto window =
                find_window(query, 100, 10, [](const std::string&) { return std::optional<std::size_t>(50); });
            ASSERT(window && window->begin <= window->end && window->end <= 100 && window->end - window->begin <= 10);
            return window;
        });
        for (const auto& [name, value] : call->arguments) {
            if (const auto filter = parse_filter(value)) ASSERT(filter->is.index() < 2);
            if (!value.is_object()) continue;
            const auto same = apply_patch(call->arguments, {});
            ASSERT(same && *same == call->arguments);
            static_cast<void>(apply_patch(call->arguments, value.get_object()));
        }
        batch.answer(call->name, call->arguments);
    }
    const std::string response = write_json(std::move(batch).finish("s"));
    ASSERT(response.size() <= 12 * (size + limits.referenced) + 10'000);
    ASSERT(read_json(response, 1000));
    return 0;
}
