// Any octets as a picture, as the HTML of a letter, and as its header.
#include "base/assert.h"
#include "service/webd/letter_addresses.h"
#include "service/webd/one_click.h"
#include "service/webd/picture_head.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tegami;
    using namespace tegami::webd;
    if (size == 0) return 0;
    const std::string_view octets(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto look = look_at_picture(octets);
    if (look && *look) {
        ASSERT((*look)->width > 0 && (*look)->width <= kPictureSideMax && (*look)->height > 0);
        ASSERT(std::uint64_t{(*look)->width} * (*look)->height <= kPicturePixelsMax);
    }
    ASSERT(look || octets.size() < kPictureHeadBytesMax);

    const net::WebUrl url = net::parse_web_url("https://a.test/x?y=%20").value();
    ASSERT(names_address(std::string(octets) + "\"https://a.test/x?y=%20\"", url) || octets.contains('&') ||
           octets.contains('%'));
    ASSERT(!names_address(octets, url) || octets.contains('a') || octets.contains('A') || octets.contains('%') ||
           octets.contains('&'));
    const std::size_t end = octets.find('\n');
    if (const auto own = net::parse_web_url(octets.substr(0, end))) {
        ASSERT(net::parse_web_url(own->to_string()) == own || own->to_string().size() > net::kWebUrlBytesMax);
        const auto next = net::resolve(*own, octets.substr(octets.size() / 2));
        ASSERT(!next || net::parse_web_url(next->to_string()) == next);
    }

    const auto offer = one_click_address(octets, data[0]);
    ASSERT(!offer || offer->secure);
    return 0;
}
