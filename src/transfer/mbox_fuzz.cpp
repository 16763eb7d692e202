// Files from anywhere: an mbox gives the same messages however it is cut, never more octets than it has, and what is
// read can be written and read again; the texts of a Maildir, and a stream of items, only must not do harm.
#include "base/assert.h"
#include "transfer/maildir.h"
#include "transfer/mbox.h"

#include <cstdint>

using namespace tegami::transfer;

namespace {

std::string told(std::string_view first, std::string_view second) {
    MboxReader reader;
    std::string all;
    for (auto& events : {reader.feed(first), reader.feed(second), reader.finish()})
        for (const MboxReader::Event& event : events) {
            if (const auto* const octets = std::get_if<MboxReader::Octets>(&event)) all += octets->octets;
            if (std::holds_alternative<MboxReader::End>(event)) all += '|';
        }
    return all;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view octets(reinterpret_cast<const char*>(data), size);
    const std::string whole = told(octets, "");
    ASSERT(whole.size() <= size);
    ASSERT(whole == told(octets.substr(0, size / 2), octets.substr(size / 2)));

    KeywordLetters letters = parse_keyword_letters(octets);
    const Marks marks = parse_name_marks(octets, letters);
    std::size_t left_out = 0;
    ASSERT(parse_name_marks(print_name_marks(marks, letters, left_out), letters).letters == marks.letters);
    if (const auto mailbox = mailbox_of_folder(octets.substr(0, octets.find('\n'))))
        if (const auto folder = folder_of_mailbox(*mailbox); folder && !folder->empty())
            ASSERT(mailbox_of_folder(*folder) == mailbox);
    parse_subscriptions(octets);
    parse_uid_list(octets);

    ItemReader items;
    items.feed(std::string(octets));
    for (;;) {
        const ItemReader::Event event = items.next();
        if (const auto* const item = std::get_if<Item>(&event)) print_item(*item);
        if (std::holds_alternative<ItemReader::Malformed>(event) || std::holds_alternative<ItemReader::NeedMore>(event))
            return 0;
    }
}
