// SearchSnippet/get (RFC 8621 §5.1)
#include "async/turns.h"
#include "index/attachment_texts.h"
#include "message/card.h"
#include "message/encoded_word.h"
#include "protocol/jmap/answers.h"
#include "protocol/jmap/mail/snippet.h"
#include "service/jmapd/email_filter.h"
#include "service/jmapd/ids.h"
#include "service/jmapd/methods.h"

#include <limits>

namespace tegami::jmapd {

namespace {

/// What a snippet takes as JSON.
constexpr std::uint64_t kSnippetBytes = 4 * 1024;

/// Looks for words in one email. What cannot be read has none.
class FindSnippet {
public:
    FindSnippet(Call* call, const FilterWords* words)
        : call_(call), words_(words),
          attachments_(&call->service->with.store, &call->service->with.log, call->account().id()) {}

    /// Nothing if the email cannot be read. Faults: those of the store.
    async::Awaitable<Result<std::optional<json::object>, jmap::Fault>> run(store::EmailId email) {
        using Found = std::optional<json::object>;
        std::vector<store::EmailId> ids{email};
        const auto rows = co_await call_->account().emails(ids);
        if (!rows) co_return failure(method_fault(*call_, rows.error()));
        const auto cards = co_await call_->account().cards(std::move(ids));
        if (!cards) co_return failure(method_fault(*call_, cards.error()));
        if (!rows->front() || !cards->each.front()) co_return Found();
        const auto card = message::decode_card(*cards->each.front());
        if (!card) co_return Found();
        json::object snippet{{"emailId", id_of(email)}, {"subject", nullptr}, {"preview", nullptr}};
        const std::string shown = message::decode_encoded_words(card->envelope.subject.value_or(""));
        const auto subject = jmap::mark_words(shown, words_->subject, std::numeric_limits<std::size_t>::max());
        if (subject) snippet["subject"] = *subject;
        jmap::SnippetFinder finder(words_->body);
        if (!words_->body.empty()) {
            co_await read(rows->front()->blob, &card->root, &finder);
            const auto looked = co_await attachments_.read(email, &finder);
            if (!looked) co_return failure(method_fault(*call_, looked.error()));
        }
        if (finder.snippet()) snippet["preview"] = *finder.snippet();
        co_return Found(std::move(snippet));
    }

private:
    async::Awaitable<> read(store::BlobRef blob, const message::Part* root, jmap::SnippetFinder* finder) {
        message::ReadableText text(*root, message::ReadableText::PartHeaders::left_out, finder);
        for (std::uint64_t at = 0; at < blob.size && !text.done(); at += store::kReadPieceBytes) {
            const auto piece = co_await call_->service->with.store.read_blob(blob.id, at, store::kReadPieceBytes);
            if (!piece) co_return;
            const auto feed = [&text, &piece] {
                text.feed(*piece);
                return true;
            };
            co_await async::run(&call_->service->with.workers, feed);
        }
        text.finish();
    }

    Call* const call_;
    const FilterWords* const words_;
    index::AttachmentTexts attachments_;
};

} // namespace

async::Awaitable<MethodResult> search_snippet_get(Call* call) {
    jmap::Arguments arguments(*call->arguments, call->batch->created_ids());
    const std::string account = arguments.id("accountId");
    const json::value* const filter = arguments.optional_value("filter");
    const auto ids = arguments.optional_ids("emailIds");
    if (!ids) arguments.reject("emailIds");
    CO_TRY_VOID(arguments.finish());
    CO_TRY_VOID(co_await enter_account(call, account));
    CO_TRY(const EmailFilter compiled, compile_email_filter(filter, call->batch->created_ids()));
    if (ids->size() > call->limits().objects_in_get)
        co_return failure(jmap::Fault{.type = "requestTooLarge", .description = "maxObjectsInGet"});
    const auto view = co_await view_of(call);
    if (!view) co_return failure(method_fault(*call, view.error()));
    const FilterWords words = words_of(compiled.key);
    FindSnippet find(call, &words);
    json::array list;
    json::array not_found;
    for (const std::string& id : *ids) {
        const auto email = parse_email_id(id);
        std::optional<json::object> snippet;
        if (email && (*view)->find(*email)) {
            CO_TRY(snippet, co_await find.run(*email));
        }
        if (!call->reserve(kSnippetBytes)) co_return failure(too_large_to_answer());
        if (snippet)
            list.emplace_back(*std::move(snippet));
        else
            not_found.emplace_back(id);
    }
    json::object answer{{"accountId", account}, {"list", std::move(list)}, {"notFound", nullptr}};
    if (!not_found.empty()) answer["notFound"] = std::move(not_found);
    co_return answer;
}

} // namespace tegami::jmapd
