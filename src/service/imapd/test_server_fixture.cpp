#include "service/imapd/test_server_fixture.h"

#include "index/indexer.h"
#include "store/account_records.h"

namespace tegami::imapd::testing {

namespace {

const IpAddress kServer = IpAddress::parse("192.0.2.1").value();
const IpAddress kClient = IpAddress::parse("192.0.2.2").value();
constexpr Timestamp kFirstDate{std::chrono::sys_days{std::chrono::year{2026} / 11 / 2} + std::chrono::hours(1)};

template <class T, class E>
T must(Result<T, E> result) {
    if (!result) throw std::runtime_error("the set-up of a test failed");
    if constexpr (!std::is_void_v<T>) return *std::move(result);
}

} // namespace

net::testing::TlsMaterial& tls_material() {
    static net::testing::TlsMaterial material;
    return material;
}

TestServer::TestServer(ListenerOptions options)
    : options_(options), tls_(std::make_unique<net::CurrentTlsServerContext>(tls_material().server)),
      tasks_(time_.executor(),
             [](std::string_view task, std::string_view reason) { ADD_FAILURE() << task << " failed: " << reason; }) {
    network_.set_faults({.latency_min = std::chrono::microseconds(10), .latency_max = std::chrono::microseconds(10)});
    time_.run(open_directory());
    directory::AuthenticatorOptions offers;
    offers.mechanisms.assign(sasl::kMechanisms.begin(), sasl::kMechanisms.end());
    authenticator_ = std::make_unique<directory::Authenticator>(
        directory::Authenticator::Dependencies{.credentials = directory_->credentials(),
                                               .app_passwords = directory_->app_passwords(),
                                               .second_factors = directory_->second_factors(),
                                               .passkeys = directory_->passkeys(),
                                               .sessions = directory_->sessions(),
                                               .known_networks = directory_->known_networks(),
                                               .clock = time_,
                                               .random = time_.random(),
                                               .log = log_},
        offers);
    shares_ = std::make_unique<sharing::Shares>(
        sharing::Shares::Dependencies{.store = store_, .credentials = directory_->credentials(), .clock = time_});
    service_ = std::make_unique<Dependencies>(Dependencies{.store = &store_,
                                                           .journeys = &journeys_,
                                                           .authenticator = authenticator_.get(),
                                                           .shares = shares_.get(),
                                                           .tls = tls_.get(),
                                                           .memory = &memory_,
                                                           .workers = &workers_,
                                                           .timers = &time_,
                                                           .random = &time_.random(),
                                                           .log = &log_,
                                                           .host_name = "mail.b.test",
                                                           .limits = {}});
    listener_ = must(network_.host(kServer).listen({kServer, 143}, time_.executor()));
    tasks_.spawn("accept", accept());
}

TestServer::~TestServer() {
    listener_->close();
    tasks_.cancel();
    time_.run(tasks_.join());
}

async::Awaitable<> TestServer::open_directory() {
    const directory::Directory::Dependencies needed{
        .store = store_, .workers = workers_, .clock = time_, .random = time_.random()};
    const message::Domain domain = message::Domain::parse("b.test").value();
    directory::DirectoryOptions options{.default_domain = domain,
                                        .cost = {.memory_kib = 16, .passes = 1, .lanes = 1, .scram_iterations = 4096}};
    auto opened = co_await directory::Directory::open(needed, std::move(options));
    directory_ = must(std::move(opened));
    directory::DomainSettings settings{.name = domain};
    auto added = co_await directory_->administration().add_domain(std::move(settings));
    must(std::move(added));
    directory::NewAccount user{.address = message::parse_email_address("user@b.test").value(), .password = "secret"};
    auto account = co_await directory_->administration().add_account(std::move(user));
    const store::AccountId id = must(std::move(account)).id;
    auto mail = co_await store_.account(id);
    account_ = must(std::move(mail));
}

void TestServer::add_account(const std::string& address) {
    directory::NewAccount user{.address = message::parse_email_address(address).value(), .password = "secret"};
    must(time_.run(directory_->administration().add_account(std::move(user))));
}

async::Awaitable<> TestServer::accept() {
    while (true) {
        auto accepted = co_await listener_->accept(time_.executor());
        if (!accepted) co_return;
        tasks_.spawn("connection", serve_imap(service_.get(), *std::move(accepted), options_, admitted_));
    }
}

void TestServer::create_mailbox(const std::string& name) {
    must(time_.run(account_->create_mailbox(name)));
}

StoredMessage TestServer::deliver(const std::string& mailbox, const std::string& octets, int minutes,
                                  const std::string& journey) {
    return time_.run(store_messages(account_, mailbox, {octets}, kFirstDate + std::chrono::minutes(minutes), journey))
        .front();
}

std::vector<StoredMessage> TestServer::deliver_many(const std::string& mailbox, std::vector<std::string> letters,
                                                    int minutes) {
    return time_.run(
        store_messages(account_, mailbox, std::move(letters), kFirstDate + std::chrono::minutes(minutes), {}));
}

async::Awaitable<std::vector<StoredMessage>> TestServer::store_messages(store::AccountPtr account, std::string mailbox,
                                                                        std::vector<std::string> letters,
                                                                        Timestamp first, std::string journey) {
    const store::MailboxPtr target = account->mailboxes()->find(mailbox);
    if (!target) throw std::runtime_error("no such mailbox to deliver to");
    std::vector<store::NewMessage> messages;
    for (std::string& octets : letters) {
        ingest::Intake intake(engine_);
        auto taken = co_await intake.append(std::move(octets));
        must(std::move(taken));
        const auto letter = co_await intake.complete();
        EXPECT_TRUE(letter.has_value());
        auto finished = co_await intake.store({}, journey);
        const ingest::Arrival arrival = must(std::move(finished));
        const Timestamp date = first + std::chrono::minutes(messages.size());
        messages.push_back({.blob = arrival.blob, .placements = {{.mailbox = target->id}}, .internal_date = date});
    }
    auto appended = co_await account->append(std::move(messages));
    const store::AppendResult result = must(std::move(appended));
    std::vector<StoredMessage> stored;
    for (const std::vector<store::Placed>& placed : result.messages)
        stored.push_back({.mailbox = placed.front().uid_validity, .uid = placed.front().uid});
    co_return stored;
}

void TestServer::multiply(const std::string& mailbox, int doublings) {
    const store::MailboxId id = account_->mailboxes()->find(mailbox)->id;
    for (int times = 0; times < doublings; ++times)
        must(time_.run(account_->copy(id, store::UidSet::all(), id)));
}

void TestServer::remove_mailbox(const std::string& mailbox) {
    must(time_.run(account_->remove_mailbox(account_->mailboxes()->find(mailbox)->id)));
}

void TestServer::index_words() {
    index::Indexer indexer({.store = store_, .workers = workers_, .timers = time_, .log = log_});
    EXPECT_TRUE(time_.run(indexer.catch_up(account_->id())));
}

std::set<StoredMessage> TestServer::messages() {
    std::set<StoredMessage> all;
    for (const store::MailboxPtr& mailbox : account_->mailboxes()->all()) {
        if (!mailbox->selectable) continue;
        const store::ViewPtr view = must(time_.run(account_->open(mailbox->id)))->view();
        for (std::uint32_t at = 0; at < view->size(); ++at)
            all.insert({.mailbox = view->uid_validity(), .uid = view->uid_at(at)});
    }
    return all;
}

void TestServer::add_flags(const std::string& mailbox, std::uint32_t uid, const store::FlagChange& change) {
    must(time_.run(account_->change_flags(account_->mailboxes()->find(mailbox)->id, store::UidSet{uid}, change)));
}

void TestServer::change_elsewhere(int count) {
    store::Store other(&engine_, &time_);
    const store::AccountPtr account = must(time_.run(other.account(account_->id())));
    const store::MailboxId inbox = account->mailboxes()->find("INBOX")->id;
    must(time_.run(account->expunge(inbox, UidSet{1}, store::Account::Expunge::forced)));
    for (int number = 0; number < count; ++number)
        time_.run(store_messages(account, "INBOX", {"Subject: from elsewhere\r\n\r\nx\r\n"}, kFirstDate, {}));
}

void TestServer::damage_mailbox(const std::string& name) {
    const store::AccountId id = account_->id();
    const std::string key = store::record::mailbox_key(account_->mailboxes()->find(name)->id);
    engine_.damage_row({store::DomainKind::account, id.value}, key);
    account_.reset();
    store_.trim(0);
    account_ = must(time_.run(store_.account(id)));
}

std::unique_ptr<net::Stream> TestServer::dial() {
    auto connected = time_.run(network_.host(kClient).connect({kServer, 143}, {}));
    return must(std::move(connected));
}

void TestServer::damage(const std::string& mailbox, std::uint32_t uid) {
    const auto id = account_->mailboxes()->find(mailbox)->id;
    engine_.damage(must(time_.run(account_->details(id, {store::Uid(uid)}))).front().email.blob.id);
}

Client& TestServer::connect() {
    clients_.push_back(std::make_unique<Client>(Client{.stream = dial()}));
    tasks_.spawn("client", listen_to(clients_.back().get()));
    return *clients_.back();
}

async::Awaitable<> TestServer::listen_to(Client* client) {
    std::vector<char> buffer(64UL * 1024);
    while (true) {
        const auto octets = co_await client->stream->read_some(buffer.data(), buffer.size());
        client->closed = !octets;
        if (!octets) co_return;
        client->received.append(buffer.data(), *octets);
    }
}

void TestServer::say(Client& client, std::string octets) {
    client.to_say += octets;
    if (!client.saying) tasks_.spawn("client says", speak(&client));
}

async::Awaitable<> TestServer::speak(Client* client) {
    client->saying = true;
    while (!client->to_say.empty()) {
        const std::string octets = std::exchange(client->to_say, {});
        // A server that has closed is what some dialogues are about.
        co_await client->stream->write_all(octets.data(), octets.size());
    }
    client->saying = false;
}

} // namespace tegami::imapd::testing
