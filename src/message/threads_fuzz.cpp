// Base subjects of any octets, and threads of any references among a few ids: each message stands in the forest once.
#include "base/assert.h"
#include "message/base_subject.h"
#include "message/collation.h"
#include "message/sort_key.h"
#include "message/threads.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace tegami::message;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string octets(data, data + size);
    const BaseSubject base = base_subject(octets);
    ASSERT(base_subject(base.text).text.size() <= base.text.size());
    static_cast<void>(casemap_key(octets));

    const auto algorithm = static_cast<ThreadAlgorithm>(size % 3);
    Threads threads(algorithm, 1);
    std::uint32_t messages = 0;
    // Each message is three octets: its id and two references, of 32 ids.
    for (std::size_t at = 0; at + 3 <= size && messages < 200; at += 3) {
        const auto id = [&](std::size_t place) { return std::to_string(data[place] % 32); };
        const std::vector<std::uint64_t> references{message_id_hash(id(at + 1)), message_id_hash(id(at + 2))};
        Threads::Message message{
            .number = ++messages, .date = data[at + 1], .subject = "X", .is_reply = data[at] % 64 >= 32};
        if (data[at] < 200) message.id = message_id_hash(id(at));
        if (data[at + 2] < 200) message.references = references;
        threads.add(message);
    }
    const ThreadForest forest = std::move(threads).build();
    std::vector<std::uint32_t> waiting{forest.first};
    std::uint32_t found = 0;
    while (!waiting.empty()) {
        const std::uint32_t node = waiting.back();
        waiting.pop_back();
        if (node == ThreadForest::kNone) continue;
        waiting.push_back(forest.nodes[node].first_child);
        waiting.push_back(forest.nodes[node].next);
        found += forest.nodes[node].number != 0 ? 1 : 0;
        ASSERT(found <= messages);
    }
    ASSERT(found == messages);
    return 0;
}
