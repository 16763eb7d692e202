#include "service/webd/missing_page.h"

#include <fmt/format.h>

namespace tegami::webd {

namespace {

constexpr Words kCode{"en", "ja"};
constexpr Words kTitle{"No web mail here", "ウェブメールはありません"};
constexpr Words kWords{
    "This mail server works, but its program was built without the web mail. Mail programs read mail here as always. "
    "Whoever runs the server gets the web mail with a program that scripts/build has built.",
    "このメールサーバーは動いていますが、ウェブメールを含めずに作られています。メールソフトではいつもどおり読めます。"
    "サーバーの管理者は、scripts/build で作ったプログラムに替えるとウェブメールを使えます。"};

} // namespace

std::string missing_page(Language language) {
    return fmt::format(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head><meta charset=\"utf-8\"><title>{}</title>\n"
        "<meta name=\"viewport\" content=\"width=device-width\">\n"
        "<style>body{{font-family:sans-serif;line-height:1.6;max-width:40em;margin:2em auto;padding:0 1em;"
        "color-scheme:light dark}}</style></head>\n<body><h1>{}</h1>\n<p>{}</p></body>\n</html>\n",
        kCode.in(language), kTitle.in(language), kTitle.in(language), kWords.in(language));
}

} // namespace tegami::webd
