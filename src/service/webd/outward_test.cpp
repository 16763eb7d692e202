// The parts of outward_routes.h that look at strangers' octets.
#include "service/webd/letter_addresses.h"
#include "service/webd/one_click.h"
#include "service/webd/outward_fixture.h"
#include "service/webd/picture_head.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

namespace tegami::webd {
namespace {

using namespace std::string_literals;

std::string word_for(const std::optional<Result<Picture, NoPicture>>& look) {
    if (!look) return "more";
    if (!*look) return look->error() == NoPicture::too_large ? "too large" : "unknown";
    return fmt::format("{} {}x{}", (*look)->type, (*look)->width, (*look)->height);
}

std::string gif_of(std::uint8_t width_high) {
    return "GIF89a\x02"s + static_cast<char>(width_high) + "\x03\0\0\0\0"s;
}

std::string box(std::string_view kind, std::string_view content) {
    std::string size = "\0\0"s;
    size += static_cast<char>((content.size() + 8) >> 8);
    size += static_cast<char>((content.size() + 8) & 0xff);
    return size + std::string(kind) + std::string(content);
}

TEST(PictureHead, IsKnownByItsFirstOctets) {
    struct Row {
        std::string octets;
        std::string found;
    };

    const std::string jpeg = "\xff\xd8\xff\xe0\0\4ab\xff\xff\xfe\0\3c\xff\xc2\0\x11\x08\0\x10\0\x20\x03"s;
    const std::string webp = "RIFF\x1a\0\0\0WEBP"s;
    const std::string avif =
        box("ftyp", "avif\0\0\0\0mif1"s) + box("meta", "\0\0\0\0"s + box("ispe", "\0\0\0\0\0\0\0\7\0\0\0\5"s));
    for (const Row& row : {Row{png_of(7, 5), "image/png 7x5"},
                           Row{gif_of(0), "image/gif 2x3"},
                           Row{gif_of(0x40), "too large"},
                           Row{jpeg, "image/jpeg 32x16"},
                           Row{webp + "VP8X\x0a\0\0\0\0\0\0\0\6\0\0\4\0\0"s, "image/webp 7x5"},
                           Row{webp + "VP8 \x0a\0\0\0\0\0\0\x9d\x01\x2a\7\0\5\0"s, "image/webp 7x5"},
                           Row{webp + "VP8L\x0a\0\0\0\x2f\6\0\1\0\0\0\0\0\0"s, "image/webp 7x5"},
                           Row{avif, "image/avif 7x5"},
                           Row{png_of(50'000, 50'000), "too large"},
                           Row{png_of(16'384, 16'384), "too large"},
                           Row{png_of(0, 5), "unknown"},
                           Row{"<svg xmlns='http://www.w3.org/2000/svg'/>", "unknown"},
                           Row{"<html><script>alert(1)</script>", "unknown"},
                           Row{"BM\x36\0\0\0\0\0\0\0"s, "unknown"},
                           Row{"%PDF-1.7 and so on", "unknown"},
                           Row{"\x89PNG\r\n\x1a\n\0\0\0\rIDAT"s + std::string(20, 'x'), "unknown"},
                           Row{"\xff\xd8\xff\xda\0\4ab"s, "unknown"},
                           Row{"\xff\xd8\xff\xe0\0\1ab"s, "unknown"},
                           Row{box("ftyp", "mp42\0\0\0\0isom"s), "unknown"},
                           Row{webp + std::string(18, 'x'), "unknown"}}) {
        EXPECT_EQ(word_for(look_at_picture(row.octets)), row.found) << row.octets;
        // Each beginning of it asks for more, or says the same.
        for (std::size_t size = 0; size < row.octets.size(); ++size) {
            const std::string word = word_for(look_at_picture(std::string_view(row.octets).substr(0, size)));
            EXPECT_TRUE(word == "more" || word == row.found) << size << ": " << word;
        }
    }
    std::string late = "\xff\xd8"s;
    while (late.size() < kPictureHeadBytesMax)
        late += "\xff\xe1\xff\xff"s + std::string(0xfffd, 'x');
    EXPECT_EQ(word_for(look_at_picture(late)), "unknown") << "nobody says how large it is";
}

bool names(std::string_view html, std::string_view url) {
    return names_address(html, net::parse_web_url(url).value());
}

TEST(LetterAddresses, AreFoundAsABrowserWritesThem) {
    struct Row {
        std::string_view html;
        std::string_view url; ///< as the browser has it
    };

    for (const Row& row : {
             Row{R"(<img src="https://a.test/x.png?a=1&amp;b=2">)", "https://a.test/x.png?a=1&b=2"},
             Row{R"(<img src=https://a.test/x.png>)", "https://a.test/x.png"},
             Row{R"(<img src='HTTPS://A.Test/X.png'>)", "https://a.test/X.png"},
             Row{"<img src=\"https://a.test/a\r\n\tb\">", "https://a.test/ab"},
             Row{R"(<img src=" https://a.test/x y ">)", "https://a.test/x%20y"},
             Row{R"(<img src="https://a.test/&#228;">)", "https://a.test/%C3%A4"},
             Row{R"(<img src="https&colon;&sol;&sol;a.test/x&#x2E;png">)", "https://a.test/x.png"},
             Row{"<img src=\"https://a.test/\xc3\xa4\">", "https://a.test/%C3%A4"},
             Row{"<img src=\"https://\xc3\xa4.test/x\">", "https://xn--4ca.test/x"},
             Row{R"(<img src="//a.test/x">)", "https://a.test/x"},
             Row{R"(<img src="https://a.test">)", "https://a.test/"},
             Row{R"(<img src="https://a.test?x">)", "https://a.test/?x"},
             Row{R"(<img src="https://a.test:443/x">)", "https://a.test/x"},
             Row{R"(<img src="https://a.test/x#y">)", "https://a.test/x"},
             Row{R"(<img srcset="https://a.test/x 1x, https://a.test/y 2x">)", "https://a.test/y"},
             Row{R"(<td background=http://a.test/x>)", "http://a.test/x"},
             Row{R"x(<p style="background:url(https://a.test/x)">)x", "https://a.test/x"},
             Row{R"x(<p style="background:url(&quot;https://a.test/x&quot;)">)x", "https://a.test/x"},
             Row{"<style>p{background:url('https://a.test/x')}</style>", "https://a.test/x"},
         })
        EXPECT_TRUE(names(row.html, row.url)) << row.html;
}

TEST(LetterAddresses, AnotherOneIsNotThere) {
    const std::string_view html =
        R"(<img src="https://a.test/x.png?id=7&amp;c=https://c.test/"> http://b.test/ ftp://d.test/)";
    for (const std::string_view url :
         {"https://a.test/", "https://a.test/x", "https://a.test/x.png", "https://a.test/x.png?id=77",
          "https://a.test/x.png?id=", "http://a.test/x.png?id=7&c=https://c.test/", "https://b.test/",
          "http://b.test/y", "https://test/x.png", "https://xa.test/x.png?id=7&c=https://c.test/", "http://d.test/",
          "https://d.test/"})
        EXPECT_FALSE(names(html, url)) << url;
    EXPECT_FALSE(names("", "https://a.test/"));
    EXPECT_FALSE(names("<a href=\"//b.test/\">", "http://b.test/")) << "our page is under https";
    EXPECT_FALSE(names("<a href=\"xhttps://b.test/\">", "https://b.test/"));
    EXPECT_FALSE(names("<a href=\"https://b.test.evil.test/\">", "https://b.test/"));
}

constexpr std::string_view kResults =
    "Authentication-Results: mail.b.test; dkim=pass header.d=shop.test header.s=s1 header.a=rsa-sha256 "
    "header.b=QUJDREVG\r\n";

std::string signature(std::string_view covers, std::string_view selector = "s1",
                      std::string_view value = "QUJDREVGRw==") {
    return fmt::format("DKIM-Signature: v=1; a=rsa-sha256; d=shop.test; s={}; h={}; bh={}; b={}\r\n", selector, covers,
                       "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", value);
}

constexpr std::string_view kCovers = "From:List-Unsubscribe:list-unsubscribe-post";
constexpr std::string_view kOffer = "List-Unsubscribe: <mailto:u@shop.test>,\r\n <https://shop.test/u?\r\n id=7>\r\n"
                                    "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nFrom: news@shop.test\r\n\r\n";

/// The address, or why there is none.
std::string one_click(std::string_view front, std::string_view letter) {
    const std::string header = std::string(front) + std::string(letter);
    const auto url = one_click_address(header, front.size());
    if (url) return url->to_string();
    return url.error() == NoOneClick::not_signed ? "not signed" : "not offered";
}

TEST(OneClick, IsOfferedByWhatAGoodSignatureCovers) {
    const std::string letter = signature(kCovers) + std::string(kOffer);
    EXPECT_EQ(one_click(kResults, letter), "https://shop.test/u?id=7");
    EXPECT_EQ(one_click(std::string(kResults) + "Received: from x\r\n", letter), "https://shop.test/u?id=7");
    EXPECT_EQ(one_click("", letter), "not signed");
    EXPECT_EQ(one_click("", std::string(kResults) + letter), "not signed") << "the letter says so itself";
    EXPECT_EQ(one_click(kResults, kOffer), "not signed");
    EXPECT_EQ(one_click(kResults, signature("From:List-Unsubscribe") + std::string(kOffer)), "not signed");
    EXPECT_EQ(one_click(kResults, signature("From:List-Unsubscribe-Post") + std::string(kOffer)), "not signed");
    EXPECT_EQ(one_click(kResults, signature(kCovers, "s2") + std::string(kOffer)), "not signed");
    EXPECT_EQ(one_click(kResults, signature(kCovers, "s1", "QUJYREVGRw==") + std::string(kOffer)), "not signed");
    std::string failed(kResults);
    failed.replace(failed.find("pass"), 4, "fail");
    EXPECT_EQ(one_click(failed, letter), "not signed");
    // One that covers nothing here has passed, and another says to be it.
    EXPECT_EQ(one_click(kResults, signature("From") + letter), "not signed");
    EXPECT_EQ(one_click(std::string(kResults) + failed, signature("From") + letter), "not signed");
}

TEST(OneClick, IsNotOfferedByAnythingElse) {
    const auto with = [](std::string_view fields) {
        return one_click(kResults, signature(kCovers) + std::string(fields) + "From: a@b.test\r\n\r\n");
    };
    const std::string post = "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n";
    EXPECT_EQ(with("List-Unsubscribe: <https://shop.test/u>\r\n" + post), "https://shop.test/u");
    for (const char* const value : {"<http://shop.test/u>", "<mailto:u@shop.test>", "https://shop.test/u", "<https://>",
                                    "<https://127.0.0.1/>", "<javascript:alert(1)>", "<ftp://shop.test/>", "<", ""})
        EXPECT_EQ(with(fmt::format("List-Unsubscribe: {}\r\n{}", value, post)), "not offered") << value;
    const std::string where = "List-Unsubscribe: <https://shop.test/u>\r\n";
    EXPECT_EQ(with(where), "not offered");
    EXPECT_EQ(with(post), "not offered");
    EXPECT_EQ(with(where + where + post), "not offered");
    EXPECT_EQ(with(where + post + post), "not offered");
    EXPECT_EQ(with(where + "List-Unsubscribe-Post: List-Unsubscribe=Two\r\n"), "not offered");
}

} // namespace
} // namespace tegami::webd
