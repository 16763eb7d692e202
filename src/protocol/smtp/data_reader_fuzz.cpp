// Any text, cut anywhere, must be read as the simple reference reads it whole.
#include "base/assert.h"
#include "protocol/smtp/data_reader.h"
#include "protocol/smtp/data_reference_fixture.h"

#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tegami::smtp;
    std::string_view input(reinterpret_cast<const char*>(data), size);
    if (input.empty()) return 0;
    const std::size_t step = static_cast<unsigned char>(input[0]) + std::size_t{1};
    input.remove_prefix(1);

    const ReadText expected = read_whole(input);
    DataReader reader;
    ReadText read;
    for (std::string_view rest = input; !rest.empty() && !read.ended;) {
        const std::string_view piece = rest.substr(0, step);
        const DataReader::Progress progress = reader.read(piece, read.message);
        ASSERT(progress.ended || progress.used == piece.size());
        read.used += progress.used;
        read.ended = progress.ended;
        rest.remove_prefix(piece.size());
    }
    read.faulty = reader.bare_line_end();
    if (read.faulty) read.message.clear();
    ASSERT(read == expected);
    return 0;
}
