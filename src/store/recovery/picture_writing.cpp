// Writing an account that was made whole.
#include "store/recovery/account_picture.h"

#include <set>

namespace tegami::store {

namespace {

std::size_t octets_of(const Operation& operation) {
    if (const auto* put = std::get_if<Put>(&operation)) return put->key.size() + put->value.size() + 32;
    if (const auto* erased = std::get_if<Delete>(&operation)) return erased->key.size() + 32;
    return 64;
}

class PictureWriter {
public:
    PictureWriter(Engine* engine, AccountPicture picture)
        : engine_(engine), limits_(engine->limits()), picture_(std::move(picture)) {}

    async::Awaitable<StoreResult<>> write();

private:
    void write_mailbox(MailboxId id, const AccountPicture::Box& box);
    void write_emails();

    void put(std::string key, std::string value) { operations_.emplace_back(Put{std::move(key), std::move(value)}); }

    Engine* const engine_;
    const Limits limits_;
    AccountPicture picture_;
    std::vector<Operation> operations_;
};

void PictureWriter::write_mailbox(MailboxId id, const AccountPicture::Box& box) {
    const auto put_page = [&](const PageColumns& columns) {
        std::string value = record::encode_page(columns);
        const std::uint32_t number = columns.first_uid >> picture_.account->page_bits;
        if (value.size() <= limits_.value_bytes_max) return put(record::page_key(id, number), std::move(value));
        for (std::size_t at = 0; at < columns.count(); ++at)
            put(record::delta_key(id, columns.row(at).uid), record::encode_delta(columns.row(at)));
    };
    PageColumns columns;
    for (const auto& [uid, message] : box.messages) {
        const std::uint32_t first = uid >> picture_.account->page_bits << picture_.account->page_bits;
        if (columns.count() != 0 && columns.first_uid != first) put_page(std::exchange(columns, PageColumns()));
        columns.first_uid = first;
        columns.push_back(message);
    }
    if (columns.count() != 0) put_page(columns);
    put(record::mailbox_key(id), record::encode(*box.row));
    if (!box.row->removed) put(record::name_key(box.row->parent, box.row->level), record::encode_number(id.value));
}

void PictureWriter::write_emails() {
    std::map<std::uint32_t, std::vector<record::EmailRecord>> pages;
    std::map<std::uint32_t, std::vector<std::uint32_t>> counts;
    const std::uint32_t tail = picture_.account->email_tail();
    for (const auto& [id, email] : picture_.emails) {
        operations_.emplace_back(AddReference{email.blob.id, record::reference_tag(AccountId(picture_.domain.id), id)});
        if (id < tail)
            pages[id >> picture_.account->email_bits].push_back(email);
        else
            put(record::email_key(id), record::encode(email));
        if (const std::uint32_t rows = picture_.counts[id]; rows != 1) {
            std::vector<std::uint32_t>& page = counts[id >> picture_.account->email_bits];
            page.resize(picture_.account->page_emails(), 1);
            page[id & (picture_.account->page_emails() - 1)] = rows;
        }
    }
    for (const auto& [number, page] : pages)
        put(record::email_page_key(number), record::encode_emails(page));
    for (const auto& [number, page] : counts)
        put(record::count_page_key(number), record::encode_counts(page));
}

/// New records first, then the old ones that have no successor go: whatever a crash leaves can be repaired again.
async::Awaitable<StoreResult<>> PictureWriter::write() {
    for (const auto& [id, box] : picture_.boxes)
        write_mailbox(id, box);
    write_emails();
    for (const auto& [email, blob] : picture_.unreadable)
        operations_.emplace_back(RemoveReference{blob, record::reference_tag(AccountId(picture_.domain.id), email)});
    for (const auto& [id, word] : picture_.keywords)
        put(record::keyword_key(id), record::encode_text(word));
    for (const auto& [key, vanished] : picture_.vanished)
        put(key, record::encode(vanished));
    put(record::account_key(), record::encode(*picture_.account));
    std::set<std::string> written;
    for (const Operation& operation : operations_)
        if (const auto* made = std::get_if<Put>(&operation)) written.insert(made->key);
    for (std::string& key : picture_.old_keys)
        if (!written.contains(key)) operations_.emplace_back(Delete{std::move(key)});
    for (std::size_t at = 0; at < operations_.size();) {
        Batch batch{.domain = picture_.domain, .expected = picture_.version, .assertions = {}, .operations = {}};
        std::size_t octets = 0;
        for (; at < operations_.size() && batch.operations.size() < limits_.batch_operations_max &&
               (batch.operations.empty() || octets + octets_of(operations_[at]) <= limits_.batch_bytes_max);
             ++at) {
            octets += octets_of(operations_[at]);
            batch.operations.push_back(std::move(operations_[at]));
        }
        CO_TRY(picture_.version, co_await engine_->commit(std::move(batch)));
    }
    co_return StoreResult<>{};
}

} // namespace

async::Awaitable<StoreResult<>> write_picture(Engine* engine, AccountPicture picture) {
    PictureWriter writer(engine, std::move(picture));
    co_return co_await writer.write();
}

} // namespace tegami::store
