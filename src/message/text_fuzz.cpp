// Folding, searching and previews of any octets: UTF-8 stays UTF-8, and a search finds the same in pieces.
#include "base/assert.h"
#include "message/charset.h"
#include "message/text.h"

#include <cstdint>

using namespace tegami::message;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view octets(reinterpret_cast<const char*>(data), size);
    const std::string_view needle = octets.substr(0, 1 + data[0] % 8);
    const std::string_view text = octets.substr(needle.size());
    ASSERT(is_utf8(fold_for_search(octets)));
    TextSearch search({std::string(needle)});
    for (std::size_t at = 0; at < text.size(); ++at)
        search.feed(text.substr(at, 1));
    search.end_text();
    ASSERT(search.found(0) == contains_folded(text, needle));
    const std::string whole = strip_html(text);
    std::string pieces;
    HtmlText html;
    for (std::size_t at = 0; at < text.size(); ++at)
        html.feed(text.substr(at, 1), pieces);
    html.finish(pieces);
    ASSERT(whole == pieces && whole.size() <= text.size());
    GuessingDecoder decoder(needle);
    std::string decoded;
    decoder.feed(text, decoded);
    decoder.finish(decoded);
    ASSERT(is_utf8(decoded));
    TextSample sample;
    sample.bytes = octets;
    sample.content_type.subtype = data[0] % 2 == 0 ? "plain" : "html";
    ASSERT(is_utf8(make_preview(sample)));
    return 0;
}
