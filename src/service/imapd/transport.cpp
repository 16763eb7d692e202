#include "service/imapd/transport.h"

#include "async/turns.h"

#include <memory>
#include <utility>

namespace tegami::imapd {

namespace {

/// Octets read at once. The buffer lives only while there is something to read.
constexpr std::size_t kReadBytes = 16 * 1024;
/// Commands and pieces of literals that one connection has in a row without letting others run.
constexpr unsigned kTurnEvents = 8;

} // namespace

async::Awaitable<> Output::flush() {
    if (text_.empty()) co_return;
    const std::string octets = std::exchange(text_, {});
    stream_->set_deadline(timers_->instant() + write_timeout_);
    const net::IoResult<> written = co_await stream_->write_all(octets.data(), octets.size());
    if (!written) throw TransportEnded{written.error()};
    ++flushes_;
    bytes_sent_ += octets.size();
}

async::Awaitable<> Output::flush_if_full() {
    if (full()) {
        co_await flush();
    }
}

async::Awaitable<imap::ReaderEvent> Input::next() {
    while (true) {
        std::optional<imap::ReaderEvent> event = reader_.next();
        if (event && !std::holds_alternative<imap::ContinuationWanted>(*event)) {
            between_ = true;
            if (++in_a_row_ % kTurnEvents == 0) {
                co_await async::give_way();
            }
            co_return *std::move(event);
        }
        if (event) {
            output_->text() += "+ OK\r\n";
            continue;
        }
        co_await output_->flush();
        // Behind a piece that filled the buffer there are more: it would not wait.
        if (!filled_) {
            co_await wait();
        }
        co_await read();
    }
}

std::optional<imap::ReaderEvent> Input::ready() {
    std::optional<imap::ReaderEvent> event = reader_.next();
    if (event) between_ = true;
    return event;
}

void Input::end_soon() {
    ends_ = true;
    if (reading_) stream_->set_deadline(timers_->instant());
}

async::Awaitable<> Input::wait() {
    waiting_ = output_->text().empty();
    // An end or an error is still there when read() looks.
    if (ends_) co_return;
    reading_ = true;
    stream_->set_deadline(since_ + patience_);
    co_await stream_->wait_readable();
    reading_ = false;
    in_a_row_ = 0;
}

async::Awaitable<> Input::read() {
    const std::unique_ptr<char[]> buffer(new char[kReadBytes]);
    if (ends_) throw TransportEnded{net::IoError::timed_out};
    waiting_ = output_->text().empty();
    reading_ = true;
    stream_->set_deadline(since_ + patience_);
    const net::IoResult<std::size_t> bytes = co_await stream_->read_some(buffer.get(), kReadBytes);
    reading_ = false;
    if (!bytes) throw TransportEnded{bytes.error()};
    filled_ = *bytes == kReadBytes;
    waiting_ = false;
    // Octets that drip do not begin the clock anew.
    if (std::exchange(between_, false)) restart_patience();
    reader_.feed(std::string_view(buffer.get(), *bytes));
}

} // namespace tegami::imapd
