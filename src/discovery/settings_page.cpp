#include "discovery/settings_page.h"

#include "base/ascii.h"
#include "discovery/settings_words.h"
#include "discovery/xml_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::discovery {

namespace {

/// Limit: languages of one request that are looked at.
constexpr std::size_t kLanguagesMax = 32;

constexpr Words kCode{"en", "ja"};
constexpr Words kTitle{"Settings for mail programs", "メールソフトの設定"};
constexpr Words kIntroduction{
    "Most mail programs find all of this by the address alone. Where one asks, this is what to type:",
    "多くのメールソフトは、メールアドレスだけでこの設定を見つけます。入力を求められたら、次のとおりに入力してください"
    "。"};
constexpr Words kServer{"Server", "サーバー"};
constexpr Words kPort{"Port", "ポート"};
constexpr Words kSecurity{"Security", "接続の保護"};
constexpr Words kProfile{"iPhone, iPad or Mac: install the profile", "iPhone、iPad、Mac：プロファイルをインストール"};

constexpr std::string_view kStyle =
    "body{font-family:sans-serif;line-height:1.5;max-width:40em;margin:2em auto;padding:0 1em}"
    "table{border-collapse:collapse}th,td{text-align:left;padding:.3em 1em .3em 0;vertical-align:top}"
    "@media(prefers-color-scheme:dark){body{background:#111;color:#eee}a{color:#8cf}}";

std::string row(std::string_view head, std::string_view text) {
    return fmt::format("<tr><th scope=\"row\">{}</th><td colspan=\"3\">{}</td></tr>\n", xml_text(head), xml_text(text));
}

std::string kind_of(Protocol protocol, Language language) {
    switch (protocol) {
    case Protocol::imap: return fmt::format("{} (IMAP)", settings::kIncoming.in(language));
    case Protocol::pop3: return fmt::format("{} (POP3)", settings::kIncoming.in(language));
    case Protocol::submission: break;
    }
    return fmt::format("{} (SMTP)", settings::kOutgoing.in(language));
}

std::string services(const Offer& offer, Language language) {
    std::string rows = fmt::format("<tr><td></td><th scope=\"col\">{}</th><th scope=\"col\">{}</th><th scope=\"col\">{}"
                                   "</th></tr>\n",
                                   kServer.in(language), kPort.in(language), kSecurity.in(language));
    const Service* before = nullptr;
    for (const Service& service : offer.services) {
        const bool is_first = before == nullptr || before->protocol != service.protocol;
        rows +=
            fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                        is_first ? kind_of(service.protocol, language) : std::string(settings::kOr.in(language)),
                        xml_text(offer.host), service.port, service.security == Security::tls ? "SSL/TLS" : "STARTTLS");
        before = &service;
    }
    return rows;
}

/// How much a language is wanted, in thousandths; nothing is wanted without being named.
unsigned weight_of(std::string_view parameters) {
    const auto at = parameters.find("q=");
    if (at == std::string_view::npos) return 1000;
    const std::string_view digits = ascii::trim(parameters.substr(at + 2));
    if (!digits.starts_with('0')) return 1000;
    unsigned weight = 0;
    unsigned place = 100;
    for (const char c : digits.substr(std::min<std::size_t>(digits.size(), 2), 3)) {
        if (!ascii::is_digit(c)) break;
        weight += static_cast<unsigned>(c - '0') * place;
        place /= 10;
    }
    return weight;
}

} // namespace

std::string settings_page(const Offer& offer, const message::EmailAddress& address, Language language) {
    std::string page = fmt::format("<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n"
                                   "<meta name=\"viewport\" content=\"width=device-width\">\n<title>{}</title>\n"
                                   "<style>{}</style>\n</head>\n<body>\n<h1>{}</h1>\n",
                                   kCode.in(language), kTitle.in(language), kStyle, kTitle.in(language));
    if (offer.services.empty())
        page += fmt::format("<p>{}</p>\n", settings::kNone.in(language));
    else
        page += fmt::format("<p>{}</p>\n<table>\n{}{}{}</table>\n", kIntroduction.in(language),
                            row(settings::kUserName.in(language), address.to_string()),
                            row(settings::kPassword.in(language), settings::kWhichPassword.in(language)),
                            services(offer, language));
    if (const auto profile = profile_url(offer, address); profile && !offer.services.empty())
        page += fmt::format("<p><a href=\"{}\">{}</a></p>\n", xml_text(*profile), kProfile.in(language));
    return page + "</body>\n</html>\n";
}

Language language_wanted(std::string_view accept_language) {
    unsigned english = 0;
    unsigned japanese = 0;
    std::size_t looked_at = 0;
    for (const std::string_view each : ascii::split(accept_language, ',')) {
        if (looked_at++ == kLanguagesMax) break;
        const auto end = each.find(';');
        const std::string range = ascii::lower(ascii::trim(each.substr(0, end)));
        const unsigned weight = end == std::string_view::npos ? 1000 : weight_of(each.substr(end));
        if (range == "en" || range.starts_with("en-")) english = std::max(english, weight);
        if (range == "ja" || range.starts_with("ja-")) japanese = std::max(japanese, weight);
    }
    return japanese > english ? Language::japanese : Language::english;
}

} // namespace tegami::discovery
