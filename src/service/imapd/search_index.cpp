#include "service/imapd/search_index.h"

#include "index/email_words.h"
#include "service/imapd/session.h"

#include <algorithm>

namespace tegami::imapd {

namespace {

/// Looking at so few messages costs no more than asking.
constexpr std::uint64_t kFewMessages = 3;

index::Question question_of(const imap::SearchedText& text) {
    using Where = imap::SearchedText::Where;
    index::Question question{.folded = text.folded, .fuzzy = text.fuzzy};
    if (text.where == Where::body) question.fields = index::mask_of(index::Field::body);
    if (text.where != Where::field) return question;
    const index::Field field = index::field_of(text.field);
    question.fields = index::mask_of(field);
    question.fields_exact = field != index::Field::header;
    return question;
}

imap::Verdict verdict_of(index::Found found) {
    switch (found) {
    case index::Found::no: return imap::Verdict::no;
    case index::Found::yes: return imap::Verdict::yes;
    case index::Found::maybe: break;
    }
    return imap::Verdict::open;
}

} // namespace

std::vector<imap::Verdict> IndexedTexts::of(store::EmailId email) const {
    std::vector<imap::Verdict> verdicts;
    if (answers_ == nullptr) return verdicts;
    verdicts.reserve(program_->texts().size());
    for (std::size_t text = 0; text < program_->texts().size(); ++text)
        verdicts.push_back(verdict_of(answers_->of(text, email)));
    return verdicts;
}

async::Awaitable<IndexAnswers> ask_index(Session* session, store::AccountId account, const imap::SearchProgram* program,
                                         std::uint64_t messages) {
    IndexAnswers known;
    if (program->texts().empty() || messages <= kFewMessages) co_return known;
    std::vector<index::Question> questions;
    std::ranges::transform(program->texts(), std::back_inserter(questions), question_of);
    store::Store* const store = session->service->store;
    Log* const log = session->service->log;
    known.answers = co_await index::look_up(store, log, account, std::move(questions));
    known.charge = MemoryBudget::Charge(session->service->memory);
    if (known.answers && !known.charge.resize(known.answers->memory_bytes())) known.answers.reset();
    co_return known;
}

} // namespace tegami::imapd
