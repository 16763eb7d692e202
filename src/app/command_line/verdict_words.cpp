#include "app/command_line/verdict_words.h"

#include "app/command_line/verdict_reasons.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

namespace tegami::app {

namespace {

/// What begins the sentence: what was checked, and what came of it.
struct Subject {
    std::string_view method;
    std::string_view needs; ///< `name=value` of a field; empty: none
    std::string_view english;
    std::string_view japanese;
};

constexpr std::array kSubjects{
    Subject{"spf", "identity=helo", "SPF of the server's own name", "サーバー自身の名前の SPF 検査"},
    Subject{"spf", "", "SPF", "SPF 検査"},
    Subject{"dkim", "", "DKIM", "DKIM 検査"},
    Subject{"arc", "", "ARC", "ARC 検査"},
    Subject{"dmarc", "", "DMARC", "DMARC 検査"},
    Subject{"bimi", "", "The logo of the author (BIMI)", "差出人のロゴ（BIMI）の検査"},
    Subject{"iprev", "", "Reverse DNS", "接続元の名前の検査（逆引き）"},
};

struct Outcome {
    std::string_view result;
    std::string_view english;
    std::string_view japanese;
};

constexpr std::array kOutcomes{
    Outcome{"pass", "passed", "に合格しました"},
    Outcome{"fail", "failed", "に合格しませんでした"},
    Outcome{"softfail", "has doubts", "では疑わしいと出ました"},
    Outcome{"policy", "does not count", "では有効と認めませんでした"},
    Outcome{"neutral", "gives no verdict", "では判定できませんでした"},
    Outcome{"none", "says nothing", "では何も分かりません"},
    Outcome{"temperror", "could not be checked now", "は今回はできませんでした"},
    Outcome{"permerror", "could not be checked", "はできませんでした"},
    Outcome{"declined", "is not wanted", "では辞退と出ました"},
    Outcome{"skipped", "was not looked for", "は行いませんでした"},
};

/// What else there is to say; all that fit.
struct Addition {
    std::string_view method;
    std::string_view result; ///< empty: any
    std::string_view field;
    std::string_view value; ///< empty: any
    std::string_view english;
    std::string_view japanese;
};

constexpr std::array kAdditions{
    Addition{"spf", "", "explanation", "", "{domain} says: “{explanation}”", "{domain} の説明：「{explanation}」"},
    Addition{"dkim", "", "testing", "yes", "{domain} says that it is only trying out its signatures.",
             "{domain} は、署名を試しているだけだと言っています。"},
    Addition{"dkim", "", "unsigned", "", "The signature does not cover the last {unsigned} octets of the text.",
             "本文の最後の {unsigned} オクテットには署名が及んでいません。"},
    Addition{"dkim", "", "more", "", "Further signatures that are not told of: {more}.",
             "このほかに、ここに書かれていない署名が {more} 個あります。"},
    Addition{"dmarc", "pass", "by", "spf", "SPF shows it.", "（SPF による確認）"},
    Addition{"dmarc", "pass", "by", "dkim", "DKIM shows it.", "（DKIM による確認）"},
    Addition{"dmarc", "pass", "by", "spf, dkim", "SPF and DKIM show it.", "（SPF と DKIM による確認）"},
    Addition{"dmarc", "fail", "policy", "reject", "{record|domain} asks that such messages be refused.",
             "{record|domain} は、そのようなメールを断るよう求めています。"},
    Addition{"dmarc", "fail", "policy", "quarantine",
             "{record|domain} asks that such messages be put aside as suspicious.",
             "{record|domain} は、そのようなメールを疑わしいものとして分けるよう求めています。"},
    Addition{"dmarc", "fail", "policy", "none", "{record|domain} asks for nothing to be done about it.",
             "{record|domain} は、そのようなメールについて何も求めていません。"},
    Addition{"dmarc", "fail", "testing", "yes", "{record|domain} says that it is only trying this out.",
             "{record|domain} は、試しているだけだと言っています。"},
};

/// Whether it stands for nothing in particular, or for this.
bool fits(std::string_view expected, std::string_view text) {
    return expected.empty() || expected == text;
}

const Subject* find_subject(const VerdictGroup& group) {
    const auto found = std::ranges::find_if(kSubjects, [&](const Subject& each) {
        if (each.method != group.method || each.needs.empty()) return each.method == group.method;
        const auto equals = each.needs.find('=');
        return values_of(group.fields, each.needs.substr(0, equals)) == each.needs.substr(equals + 1);
    });
    return found == kSubjects.end() ? nullptr : &*found;
}

const VerdictReason* find_reason(const VerdictGroup& group) {
    const std::string reason = values_of(group.fields, "reason");
    const std::span<const VerdictReason> reasons = reasons_of(group.method);
    const auto found = std::ranges::find_if(reasons, [&](const VerdictReason& each) {
        return fits(each.reason, reason) && fits(each.result, group.result) &&
               (each.needs.empty() || !values_of(group.fields, each.needs).empty());
    });
    return found == reasons.end() ? nullptr : &*found;
}

/// A row of any table in the language.
template <class Row>
std::string_view words(const Row& row, Language language) {
    return language == Language::japanese ? row.japanese : row.english;
}

} // namespace

std::vector<VerdictGroup> verdict_groups(const Fields& facts) {
    std::vector<VerdictGroup> groups;
    for (const auto& [name, value] : facts) {
        const auto dot = name.find('.');
        const std::string method = name.substr(0, dot);
        if (dot == std::string::npos) {
            groups.push_back({.method = method, .result = value});
            continue;
        }
        if (groups.empty() || groups.back().method != method) groups.push_back({.method = method, .result = {}});
        groups.back().fields.emplace_back(name.substr(dot + 1), value);
    }
    return groups;
}

std::string describe(const VerdictGroup& group, Language language) {
    const Subject* const subject = find_subject(group);
    const auto* const outcome = std::ranges::find(kOutcomes, group.result, &Outcome::result);
    const VerdictReason* const reason = find_reason(group);
    if (subject == nullptr || outcome == kOutcomes.end() || reason == nullptr)
        return in_other_words(fmt::format("{}={}", group.method, group.result), group.fields);
    // Japanese has no spaces.
    const std::string_view gap = language == Language::japanese ? "" : " ";
    const std::string_view colon = language == Language::japanese ? "：" : ": ";
    std::string text = fmt::format("{}{}{}{}", words(*subject, language), gap, words(*outcome, language), colon);
    text += fill(words(*reason, language), group.fields);
    for (const Addition& addition : kAdditions) {
        const std::string value = values_of(group.fields, addition.field);
        if (addition.method == group.method && fits(addition.result, group.result) && !value.empty() &&
            fits(addition.value, value))
            text += fmt::format("{}{}", gap, fill(words(addition, language), group.fields));
    }
    return text;
}

} // namespace tegami::app
