// Any bytes, cut in two ways, must give the same events; every command found must parse or be refused with words.
#include "base/assert.h"
#include "protocol/imap/command_reader.h"
#include "protocol/imap/parser.h"
#include "protocol/imap/search.h"

#include <cstddef>
#include <cstdint>

namespace {

using namespace tegami::imap;

/// Reads everything, answering as a server would, and writes down what it saw.
class Log {
public:
    Log(ReaderLimits limits, EnabledSet enabled) : reader_(limits), enabled_(enabled) {}

    void feed(std::string_view bytes) {
        reader_.feed(bytes);
        while (const std::optional<ReaderEvent> event = reader_.next())
            std::visit([&](const auto& e) { note(e); }, *event);
    }

    const std::string& text() const { return text_; }

private:
    void note(const CommandText& e) {
        text_ += "C" + e.text + "\n";
        const auto command = parse_command(e.text, enabled_);
        if (!command) {
            ASSERT(!command.error().text.empty());
            return;
        }
        ASSERT(!command->tag.empty());
        if (const auto* fetch = std::get_if<Fetch>(&command->command)) {
            for (const FetchItem& item : fetch->items)
                text_ += response_name(item);
        }
        if (const auto* search = std::get_if<Search>(&command->command)) {
            (void)SearchProgram::compile(search->key, search->charset,
                                         [](const SequenceSet& set, Numbering) { return set.resolve(100); });
        }
        if (std::holds_alternative<Idle>(command->command)) reader_.expect_line(20);
    }

    void note(const ContinuationWanted&) { text_ += "+\n"; }

    void note(const AppendStarted& e) {
        text_ += "A" + e.text + "\n";
        if (parse_command(e.text, enabled_))
            reader_.append_accepted();
        else
            reader_.append_refused();
    }

    void note(const NextMessageStarted& e) {
        text_ += "N" + e.text + "\n";
        if (parse_next_message(e.text, enabled_))
            reader_.append_accepted();
        else
            reader_.append_refused();
    }

    void note(const AppendChunk& e) { text_ += e.octets; }

    void note(const AppendFinished&) { text_ += "F\n"; }

    void note(const RawLine& e) { text_ += "L" + e.line + "\n"; }

    void note(const Refused& e) { text_ += "R" + e.tag + e.text + "\n"; }

    void note(const Abandoned& e) { text_ += "X" + e.text + "\n"; }

    CommandReader reader_;
    EnabledSet enabled_;
    std::string text_;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::size_t piece = 1 + (data[0] & 0x0f);
    const EnabledSet enabled = (data[0] & 0x10) != 0 ? EnabledSet{Enabled::imap4rev2, Enabled::qresync} : EnabledSet{};
    const ReaderLimits limits{.line_bytes_max = (data[0] & 0x20) != 0 ? std::size_t{65536} : std::size_t{40},
                              .literal_bytes_max = 100,
                              .literals_max = 5,
                              .append_bytes_max = 1000};
    const std::string bytes(data + 1, data + size);
    Log whole(limits, enabled);
    whole.feed(bytes);
    Log pieces(limits, enabled);
    for (std::size_t at = 0; at < bytes.size(); at += piece)
        pieces.feed(std::string_view(bytes).substr(at, piece));
    ASSERT(whole.text() == pieces.text());
    return 0;
}
