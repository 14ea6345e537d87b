using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.Net;
using GpuStack.Operator.Supervision;
using GpuStack.Operator.Supervision.Rpc;
using GpuStack.Operator.Supervision.Workers;

namespace GpuStack.Operator.Commands.Supervise;

/// <summary>The options of <c>supervise</c>. Durations are written as <c>25s</c>, <c>2m</c>, <c>500ms</c>, <c>1h</c>, or a number of seconds.</summary>
internal sealed class SuperviseOptions
{
    private const int DefaultRpcPort = 50052;
    private const int DefaultApiPort = 8000;

    private readonly Option<SupervisorRole> _role = new("--role") { Description = "Leader: ready when the engine's /health answers 200, watched for progress and for its workers. Worker: ready when the engine's port listens.", Required = true };
    private readonly Option<int?> _enginePort = new("--engine-port") { Description = "The port that the engine listens on; by default 8000 for a leader and 50052 for a worker." };
    private readonly Option<int> _statusPort = new("--status-port") { Description = "The port of /livez, /readyz and /status.", DefaultValueFactory = _ => 50053 };
    private readonly Option<string?> _statusAddress = new("--status-address") { Description = "The IP address to answer on; by default all, IPv4 and IPv6." };
    private readonly Option<bool> _noRestart = new("--no-restart") { Description = "When the engine ends, end with its exit code (128+n for signal n) instead of starting it anew." };
    private readonly Option<string> _stopTimeout = Duration("--stop-timeout", "From SIGTERM, or the end of --drain, to SIGKILL; requests in flight may finish meanwhile.", "25s");
    private readonly Option<string> _drain = Duration("--drain", "How long a ready engine goes on serving after SIGTERM while /readyz already fails, for the endpoints to be taken away.", "0s");
    private readonly Option<string> _startupTimeout = Duration("--startup-timeout", "How long the engine may take to become ready.", "1h");
    private readonly Option<string[]> _workers = new("--worker") { Description = "HOST:RPCPORT[=BYTES,BYTES…] of a llama.cpp worker and the bytes needed on each of its devices; repeatable, in the order of --rpc." };
    private readonly Option<int> _workerStatusPort = new("--worker-status-port") { Description = "The status port of the workers' supervisors.", DefaultValueFactory = _ => 50053 };
    private readonly Option<string> _workersTimeout = Duration("--workers-timeout", "How long workers may be missing or not fit before the state is Stalled; waiting goes on.", "10m");
    private readonly Option<string> _workerGrace = Duration("--worker-grace", "How long a worker's supervisor may be silent before a running engine starts anew.", "10s");
    private readonly Option<string> _rpcVersion = new("--rpc-version") { Description = "MAJOR.MINOR of the RPC protocol in the leader's image: workers must have this major and no newer minor.", DefaultValueFactory = _ => "8.0" };
    private readonly Option<string> _batchTime = Duration("--batch-time", "How long the engine is predicted to take for one batch.", "0s");
    private readonly Option<string?> _stuckAfter = new("--stuck-after") { Description = "How long a leader's engine may process requests without decoding or leave /metrics unanswered, and a worker's leave bytes unread and do nothing; by default the larger of 120s and five times --batch-time." };
    private readonly Argument<string[]> _command = new("COMMAND") { Description = "The engine and its arguments, after --.", Arity = ArgumentArity.OneOrMore };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[]
        {
            _role, _enginePort, _statusPort, _statusAddress, _noRestart, _stopTimeout, _drain, _startupTimeout, _workers, _workerStatusPort, _workersTimeout,
            _workerGrace, _rpcVersion, _batchTime, _stuckAfter,
        })
        {
            command.Add(option);
        }
        command.Add(_command);
    }

    /// <param name="result">The call.</param>
    /// <param name="apiKey">What LLAMA_API_KEY says; the first key of several.</param>
    /// <exception cref="InputException">A value is wrong.</exception>
    public SupervisorOptions Read(ParseResult result, string? apiKey)
    {
        var role = result.GetValue(_role);
        var workers = (result.GetValue(_workers) ?? []).Select(WorkerEndpoint.Parse).ToImmutableArray();
        if (role == SupervisorRole.Worker && !workers.IsEmpty)
            throw new InputException($"{_workers.Name} is given to a worker; give it to the leader alone.");
        var batchTime = Time(_batchTime, result.GetValue(_batchTime)!);
        return new SupervisorOptions
        {
            Role = role,
            Command = [.. result.GetValue(_command)!],
            EnginePort = Port(_enginePort, result.GetValue(_enginePort) ?? (role == SupervisorRole.Leader ? DefaultApiPort : DefaultRpcPort)),
            StatusPort = Port(_statusPort, result.GetValue(_statusPort)),
            StatusAddress = Address(result.GetValue(_statusAddress)),
            Restart = !result.GetValue(_noRestart),
            StopTimeout = Time(_stopTimeout, result.GetValue(_stopTimeout)!),
            Drain = Time(_drain, result.GetValue(_drain)!),
            StartupTimeout = Positive(_startupTimeout, result.GetValue(_startupTimeout)!),
            Workers = workers,
            WorkerStatusPort = Port(_workerStatusPort, result.GetValue(_workerStatusPort)),
            WorkersTimeout = Time(_workersTimeout, result.GetValue(_workersTimeout)!),
            WorkerGrace = Time(_workerGrace, result.GetValue(_workerGrace)!),
            RpcVersion = Version(result.GetValue(_rpcVersion)!),
            StuckAfter = result.GetValue(_stuckAfter) is { } stuckAfter ? Positive(_stuckAfter, stuckAfter) : SupervisorOptions.DefaultStuckAfter(batchTime),
            ApiKey = apiKey?.Split(',')[0] is { Length: > 0 } key ? key : null,
        };
    }

    private static Option<string> Duration(string name, string description, string byDefault) =>
        new(name) { Description = description, DefaultValueFactory = _ => byDefault };

    private static int Port(Option option, int number) => number is > 0 and <= 65535
        ? number
        : throw new InputException($"{option.Name}: {number} is no port; give one between 1 and 65535.");

    private static TimeSpan Positive(Option option, string text) => Time(option, text) is var time && time > TimeSpan.Zero
        ? time
        : throw new InputException($"{option.Name} must be longer than nothing; give one like 120s.");

    private static TimeSpan Time(Option option, string text)
    {
        var (digits, unit) = text switch
        {
            [.., 'm', 's'] => (text[..^2], TimeSpan.FromMilliseconds(1)),
            [.., 's'] => (text[..^1], TimeSpan.FromSeconds(1)),
            [.., 'm'] => (text[..^1], TimeSpan.FromMinutes(1)),
            [.., 'h'] => (text[..^1], TimeSpan.FromHours(1)),
            _ => (text, TimeSpan.FromSeconds(1)),
        };
        // No timer waits longer than 49 days.
        return double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number * unit.TotalDays <= 30
            ? unit * number
            : throw new InputException($"{option.Name}: '{text}' is no duration of at most 30 days; give one like 25s, 2m or 1h.");
    }

    private IPAddress? Address(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return null;
        return IPAddress.TryParse(text, out var address)
            ? address
            : throw new InputException($"{_statusAddress.Name}: '{text}' is no IP address; give one like 127.0.0.1 or ::1.");
    }

    private RpcVersion Version(string text) => RpcVersion.TryParse(text, out var version) && version.Major >= RpcVersion.OldestMajor
        ? version
        : throw new InputException($"{_rpcVersion.Name}: '{text}' is no version from {RpcVersion.OldestMajor}.0 on; give one like {RpcVersion.Default.Major}.{RpcVersion.Default.Minor}.");
}
