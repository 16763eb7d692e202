#include "trust/dns_answers.h"
#include "trust/zone_fixture.h"

#include <gtest/gtest.h>

namespace tegami::trust {
namespace {

Question question(std::string_view name, dns::Type type) {
    return {.name = *dns::Name::parse(name), .type = type};
}

TEST(DnsAnswers, WhatIsNotAnsweredIsOpenAndWhatIsAnsweredNeverAgain) {
    Zone zone({R"(a.test TXT "one")", "b.test A 192.0.2.1", "c.test CNAME a.test", R"(x.below.test TXT "x")"});
    zone.break_name("broken.test");

    struct Row {
        const char* name;
        AnswerKind kind;
        bool is_void;
    };

    for (const Row& row : {Row{"a.test", AnswerKind::records, false}, Row{"A.TEST", AnswerKind::records, false},
                           Row{"b.test", AnswerKind::no_data, true}, Row{"c.test", AnswerKind::records, false},
                           Row{"below.test", AnswerKind::no_data, true}, Row{"d.test", AnswerKind::no_name, true},
                           Row{"broken.test", AnswerKind::failure, false}}) {
        const Answer answer = zone.ask([&](const DnsAnswers& answers) -> Evaluation<Answer> {
            TRY(const Answer* found, answers.find(*dns::Name::parse(row.name), dns::Type::txt));
            return *found;
        });
        EXPECT_EQ(answer.kind, row.kind) << row.name;
        EXPECT_EQ(answer.is_void(), row.is_void) << row.name;
    }
    EXPECT_EQ(zone.questions(), 7);
}

TEST(DnsAnswers, StringsOfARecordAreJoined) {
    Zone zone({R"(a.test TXT "v=spf1 " "-all")"});
    zone.add_text("a.test", std::string(300, 'x'));
    const Answer answer = zone.answer(question("a.test", dns::Type::txt));
    EXPECT_EQ(texts(answer), (std::vector<std::string>{"v=spf1 -all", std::string(300, 'x')}));
}

TEST(DnsAnswers, MergedQuestionsStandOnce) {
    OpenQuestions open{question("a.test", dns::Type::mx)};
    merge(open, {question("A.test", dns::Type::mx), question("a.test", dns::Type::txt)});
    EXPECT_EQ(open, (OpenQuestions{question("a.test", dns::Type::mx), question("a.test", dns::Type::txt)}));
}

} // namespace
} // namespace tegami::trust
