#include "net/unbound_resolver.h"

#include "async/event.h"
#include "base/assert.h"
#include "protocol/dns/message.h"

#include <boost/asio/error.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <fmt/format.h>

#include <mutex>
#include <stdexcept>
#include <utility>

#include <unbound.h>
#include <unistd.h>

namespace tegami::net {

namespace {

constexpr int kClassInternet = 1;

/// "127.0.0.1@5353"
std::string server_text(const Endpoint& server) {
    return fmt::format("{}@{}", server.address.to_string(), server.port);
}

/// The first problem of a series of libunbound calls.
class Setup {
public:
    explicit Setup(ub_ctx* context) : context_(context) {}

    void check(int error, std::string_view what) {
        if (error != 0 && problem_.empty()) problem_ = fmt::format("{}: {}", what, ub_strerror(error));
    }

    void option(const char* name, const char* value) { check(ub_ctx_set_option(context_, name, value), name); }

    const std::string& problem() const { return problem_; }

private:
    ub_ctx* const context_;
    std::string problem_;
};

void use_servers(ub_ctx* context, Setup& setup, const ResolverSettings& settings) {
    using Mode = ResolverSettings::Mode;
    if (settings.mode == Mode::system) setup.check(ub_ctx_resolvconf(context, nullptr), "cannot read /etc/resolv.conf");
    if (settings.mode != Mode::forwarders) return;
    for (const Endpoint& server : settings.servers) {
        const std::string text = server_text(server);
        setup.check(ub_ctx_set_fwd(context, text.c_str()), "resolver " + text);
    }
}

std::string set_up(ub_ctx* context, const ResolverSettings& settings) {
    Setup setup(context);
    // The work is done by a thread of libunbound; answers come through a pipe.
    setup.check(ub_ctx_async(context, 1), "resolver thread");
    // A resolver on this machine and names in private networks are as good as any other: the operator says whom to ask.
    setup.option("do-not-query-localhost:", "no");
    setup.option("unblock-lan-zones:", "yes");
    setup.option("insecure-lan-zones:", "yes");
    if (!settings.trust_anchor_path.empty()) {
        if (::access(settings.trust_anchor_path.c_str(), R_OK) != 0)
            return fmt::format("cannot read the trust anchor {}", settings.trust_anchor_path);
        setup.check(ub_ctx_add_ta_file(context, settings.trust_anchor_path.c_str()), settings.trust_anchor_path);
    }
    use_servers(context, setup, settings);
    // libunbound answers for .test and some more by itself (RFC 6761 §6); the operator's servers know better. This is
    // the first call that reads files and makes the settings final.
    for (const char* const zone : {"test.", "invalid.", "onion."})
        setup.check(ub_ctx_zone_remove(context, zone), "its settings");
    return setup.problem();
}

DnsStatus status_of(const ub_result& result, bool has_records) {
    if (result.bogus != 0) return DnsStatus::bogus;
    if (result.nxdomain != 0) return DnsStatus::name_does_not_exist;
    if (result.rcode != 0) return DnsStatus::server_failure;
    return has_records ? DnsStatus::no_error : DnsStatus::no_data;
}

DnsAnswer to_answer(const dns::Name& name, dns::Type type, const ub_result& result) {
    DnsAnswer answer;
    if (result.answer_packet != nullptr && result.bogus == 0) {
        const std::string_view packet(static_cast<const char*>(result.answer_packet),
                                      static_cast<std::size_t>(result.answer_len));
        if (const auto message = dns::parse_message(packet)) answer.aliases = dns::alias_chain(*message);
    }
    const dns::Name owner = answer.aliases.empty() ? name : answer.aliases.back();
    answer.ttl_seconds = result.ttl < 0 ? 0 : static_cast<std::uint32_t>(result.ttl);
    for (int i = 0; result.havedata != 0 && result.bogus == 0 && result.data[i] != nullptr; ++i) {
        const std::string_view rdata(result.data[i], static_cast<std::size_t>(result.len[i]));
        auto data = dns::decode_rdata(type, rdata);
        if (data) answer.records.push_back({owner, type, answer.ttl_seconds, std::move(*data)});
    }
    answer.status = status_of(result, !answer.records.empty());
    answer.secure = result.secure != 0 && answer.status != DnsStatus::server_failure;
    answer.text = describe(name, type, answer);
    if (result.bogus != 0 && result.why_bogus != nullptr) answer.text += fmt::format(" ({})", result.why_bogus);
    return answer;
}

/// One question under way, shared by the coroutine that asks and the callback that brings the answer.
struct Question {
    Question(dns::Name asked, dns::Type kind, const async::Executor& executor)
        : name(std::move(asked)), type(kind), answered(executor) {}

    const dns::Name name;
    const dns::Type type;
    const async::Event answered;
    std::mutex guard;
    std::optional<DnsAnswer> answer;
};

/// libunbound's callback; `argument` is a shared_ptr of our own making.
void on_answer(void* argument, int error, ub_result* result) {
    const std::unique_ptr<std::shared_ptr<Question>> holder(static_cast<std::shared_ptr<Question>*>(argument));
    Question& question = **holder;
    {
        const std::lock_guard lock(question.guard);
        question.answer.emplace();
        if (error == 0) {
            question.answer = to_answer(question.name, question.type, *result);
        } else {
            question.answer->text = describe(question.name, question.type, *question.answer);
        }
    }
    if (result != nullptr) ub_resolve_free(result);
    question.answered.set();
}

} // namespace

struct UnboundResolver::State : std::enable_shared_from_this<State> {
    State(ub_ctx* made, async::Timers* time, const async::Executor& executor, Duration patience)
        : context(made), timers(time), timeout(patience), answers(executor) {}

    ~State() {
        // Takes the thread of libunbound to its end; what it had not answered is never called back.
        ub_ctx_delete(context);
    }

    /// Takes in answers whenever the descriptor says that some are there.
    void watch() {
        answers.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                           [state = shared_from_this()](boost::system::error_code error) {
                               if (error == boost::asio::error::operation_aborted) return;
                               // Without answers nothing can be sent: not to be silent about.
                               if (error) throw boost::system::system_error(error, "the resolver's answers");
                               if (const int fault = ub_process(state->context); fault != 0)
                                   throw std::runtime_error(fmt::format("the resolver: {}", ub_strerror(fault)));
                               state->watch();
                           });
    }

    ub_ctx* const context;
    async::Timers* const timers;
    const Duration timeout;
    boost::asio::posix::basic_stream_descriptor<async::Executor> answers;
};

/// A question that libunbound has: taken back if nobody waits for its answer any more.
class UnboundResolver::Pending {
public:
    /// `holder` may be gone already: on_answer, on another thread, owns it. It is not looked into here.
    Pending(ub_ctx* context, int id, std::shared_ptr<Question>* holder, std::shared_ptr<Question> question)
        : context_(context), id_(id), holder_(holder), question_(std::move(question)) {}

    Pending(const Pending&) = delete;
    Pending& operator=(const Pending&) = delete;

    ~Pending() {
        {
            const std::lock_guard lock(question_->guard);
            if (question_->answer) return;
        }
        // Success means that the callback, which would have freed the holder, will not run.
        if (ub_cancel(context_, id_) == 0) delete holder_;
    }

private:
    ub_ctx* const context_;
    const int id_;
    std::shared_ptr<Question>* const holder_;
    const std::shared_ptr<Question> question_;
};

UnboundResolver::UnboundResolver(std::shared_ptr<State> state) : state_(std::move(state)) {}

UnboundResolver::~UnboundResolver() {
    // The descriptor is libunbound's own.
    state_->answers.release();
}

Result<std::unique_ptr<UnboundResolver>, std::string>
UnboundResolver::create(const ResolverSettings& settings, async::Timers* timers, async::Executor executor) {
    ub_ctx* const context = ub_ctx_create();
    if (context == nullptr) return failure(std::string("cannot start the resolver: no memory"));
    const auto state = std::make_shared<State>(context, timers, executor, settings.timeout);
    const std::string problem = set_up(context, settings);
    if (!problem.empty()) return failure("cannot start the resolver: " + problem);
    boost::system::error_code error;
    state->answers.assign(ub_fd(context), error);
    if (error) return failure("cannot start the resolver: " + error.message());
    state->watch();
    return std::unique_ptr<UnboundResolver>(new UnboundResolver(state));
}

async::Awaitable<DnsAnswer> UnboundResolver::query(dns::Name name, dns::Type type) {
    const std::shared_ptr<State> state = state_;
    const async::Executor executor = co_await boost::asio::this_coro::executor;
    const auto question = std::make_shared<Question>(name, type, executor);
    auto holder = std::make_unique<std::shared_ptr<Question>>(question);
    int id = 0;
    // A name with escapes in it keeps them: libunbound reads presentation form, too.
    const int error = ub_resolve_async(state->context, name.to_string().c_str(), static_cast<int>(type), kClassInternet,
                                       holder.get(), on_answer, &id);
    if (error == 0) {
        const Pending pending(state->context, id, holder.release(), question);
        const std::unique_ptr<async::Timer> alarm = state->timers->make_timer(executor);
        alarm->arm(state->timers->instant() + state->timeout, [question] { question->answered.set(); });
        co_await question->answered.wait();
    }
    DnsAnswer answer;
    {
        const std::lock_guard lock(question->guard);
        if (question->answer) co_return *std::move(question->answer);
    }
    answer.status = error == 0 ? DnsStatus::timed_out : DnsStatus::server_failure;
    answer.text = describe(name, type, answer);
    if (error != 0) answer.text += fmt::format(" ({})", ub_strerror(error));
    co_return answer;
}

} // namespace tegami::net
