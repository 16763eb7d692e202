#include "trust/dns_answers.h"

#include <algorithm>
#include <utility>

namespace tegami::trust {

std::vector<std::string> texts(const Answer& answer) {
    std::vector<std::string> found;
    for (const dns::Record& record : answer.records) {
        if (const auto* text = std::get_if<dns::TxtData>(&record.data)) found.push_back(text->joined());
    }
    return found;
}

Evaluation<const Answer*> DnsAnswers::find(const dns::Name& name, dns::Type type) const {
    struct Wanted {
        const dns::Name& name;
        dns::Type type;
    };

    const auto found = answers_.find(Wanted{.name = name, .type = type});
    if (found == answers_.end()) return failure(OpenQuestions{Question{.name = name, .type = type}});
    return &found->second;
}

void DnsAnswers::add(Question question, Answer answer) {
    answers_.insert_or_assign(std::move(question), std::move(answer));
}

void merge(OpenQuestions& into, const OpenQuestions& more) {
    for (const Question& question : more) {
        if (std::ranges::find(into, question) == into.end()) into.push_back(question);
    }
}

} // namespace tegami::trust
