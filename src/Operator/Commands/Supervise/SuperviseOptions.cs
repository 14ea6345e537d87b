using System.CommandLine;
using System.Globalization;
using System.Net;
using GpuStack.Operator.Supervision;
using GpuStack.Operator.Supervision.Groups;
using GpuStack.Operator.Supervision.Rpc;
using GpuStack.Operator.Supervision.Workers;

namespace GpuStack.Operator.Commands.Supervise;

/// <summary>The options of <c>supervise</c>. Durations are written as <c>25s</c>, <c>2m</c>, <c>500ms</c>, <c>1h</c>, or a number of seconds.</summary>
internal sealed class SuperviseOptions
{
    private const int DefaultRpcPort = 50052;
    private const int DefaultApiPort = 8000;
    private const int DefaultRayPort = 6379;
    private const int MaxRank = 65535;

    private readonly Option<SupervisorRole?> _role = new("--role") { Description = "Leader: ready when the engine's /health answers 200, watched for progress and for its workers. Worker (llama.cpp) and Head (a dedicated Ray head): ready when the engine's port listens. Member (a rank without an API): ready when its engine runs with its coordinator's." };
    private readonly Option<SupervisedEngine> _engine = new("--engine") { Description = "Whose metrics, API key and log lines are read.", DefaultValueFactory = _ => SupervisedEngine.LlamaCpp };
    private readonly Option<int?> _enginePort = new("--engine-port") { Description = "The port that the engine listens on; by default 8000 for a leader, 50052 for a worker and 6379 for a head." };
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
    private readonly Option<string[]> _followers = new("--follower") { Description = "HOST[:STATUSPORT] of another pod of the group, for the group's coordinator; repeatable. All engines of a group start and end together." };
    private readonly Option<string?> _coordinator = new("--coordinator") { Description = "HOST[:STATUSPORT] of the group's coordinator, for all its other pods." };
    private readonly Option<int> _peerStatusPort = new("--peer-status-port") { Description = "The status port of the supervisors of the group, where none is given.", DefaultValueFactory = _ => 50053 };
    private readonly Option<string> _peersTimeout = Duration("--peers-timeout", "How long other pods of the group may be missing before the state is Stalled; waiting goes on.", "10m");
    private readonly Option<string> _peerGrace = Duration("--peer-grace", "How long the supervisor of another pod of the group may be silent, or its engine belong to another start of the group, before a running engine ends.", "10s");
    private readonly Option<string> _joinTimeout = Duration("--join-timeout", "How long after the coordinator's engine the followers' must have started.", "1m");
    private readonly Option<string?> _podIndex = new("--pod-index") { Description = "The pod's index in its StatefulSet; with --rank-offset it is {rank} in COMMAND." };
    private readonly Option<string> _rankOffset = new("--rank-offset") { Description = "The rank of the StatefulSet's first pod.", DefaultValueFactory = _ => "0" };
    private readonly Option<string?> _tensorCache = new("--tensor-cache") { Description = "The folder, given to a llama.cpp worker as LLAMA_CACHE, where it keeps tensors: COMMAND gets -c if the folder can be written to, and the worker does without if not." };
    private readonly Option<string?> _copyTo = new("--copy-to") { Description = "Copies the program into this folder, as an executable of the name gpustack-operator, and does nothing else; no other option is needed." };
    private readonly Option<string?> _rpcVersion = new("--rpc-version") { Description = "MAJOR.MINOR of the RPC protocol in the leader's image: workers must have this major and no newer minor. Without it all workers must have one version." };
    private readonly Option<string> _batchTime = Duration("--batch-time", "How long the engine is predicted to take for one batch.", "0s");
    private readonly Option<string?> _stuckAfter = new("--stuck-after") { Description = "How long a leader's engine may process requests without decoding or leave /metrics unanswered, and a worker's leave bytes unread and do nothing; by default the larger of 120s and five times --batch-time." };
    private readonly Argument<string[]> _command = new("COMMAND") { Description = "The engine and its arguments, after --. In them {rank} is the rank and {env:NAME} the value of an environment variable; {{rank} and {{env:NAME} are {rank} and {env:NAME} themselves.", Arity = ArgumentArity.ZeroOrMore };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[]
        {
            _role, _engine, _enginePort, _statusPort, _statusAddress, _noRestart, _stopTimeout, _drain, _startupTimeout, _workers, _workerStatusPort, _workersTimeout,
            _workerGrace, _rpcVersion, _followers, _coordinator, _peerStatusPort, _peersTimeout, _peerGrace, _joinTimeout, _podIndex, _rankOffset,
            _batchTime, _stuckAfter, _tensorCache, _copyTo,
        })
        {
            command.Add(option);
        }
        command.Add(_command);
    }

    /// <summary>The folder to copy the program to; null when an engine is to be run.</summary>
    public string? CopyTo(ParseResult result) => result.GetValue(_copyTo);

    /// <param name="result">The call.</param>
    /// <param name="environment">The value of a variable; null when it is not set.</param>
    /// <exception cref="InputException">A value is wrong.</exception>
    public SupervisorOptions Read(ParseResult result, Func<string, string?> environment)
    {
        var role = result.GetValue(_role) ?? throw new InputException($"{_role.Name} is missing; give Leader, Worker, Member or Head.");
        if (result.GetValue(_command) is not { Length: > 0 } command)
            throw new InputException("COMMAND is missing; give the engine and its arguments after --.");
        var engine = result.GetValue(_engine);
        var batchTime = Time(_batchTime, result.GetValue(_batchTime)!);
        var peerPort = Port(_peerStatusPort, result.GetValue(_peerStatusPort));
        var options = new SupervisorOptions
        {
            Role = role,
            Engine = engine,
            Command = CommandPlaceholders.Fill(command, Rank(result), environment),
            EnginePort = Port(_enginePort, result.GetValue(_enginePort) ?? DefaultPort(role)),
            StatusPort = Port(_statusPort, result.GetValue(_statusPort)),
            StatusAddress = Address(result.GetValue(_statusAddress)),
            Restart = !result.GetValue(_noRestart),
            StopTimeout = Time(_stopTimeout, result.GetValue(_stopTimeout)!),
            Drain = Time(_drain, result.GetValue(_drain)!),
            StartupTimeout = Positive(_startupTimeout, result.GetValue(_startupTimeout)!),
            Workers = [.. (result.GetValue(_workers) ?? []).Select(WorkerEndpoint.Parse)],
            WorkerStatusPort = Port(_workerStatusPort, result.GetValue(_workerStatusPort)),
            WorkersTimeout = Time(_workersTimeout, result.GetValue(_workersTimeout)!),
            WorkerGrace = Time(_workerGrace, result.GetValue(_workerGrace)!),
            RpcVersion = result.GetValue(_rpcVersion) is { } version ? Version(version) : null,
            TensorCache = result.GetValue(_tensorCache),
            Followers = [.. (result.GetValue(_followers) ?? []).Select(text => PeerEndpoint.Parse(_followers.Name, text, peerPort))],
            Coordinator = result.GetValue(_coordinator) is { } coordinator ? PeerEndpoint.Parse(_coordinator.Name, coordinator, peerPort) : null,
            PeersTimeout = Time(_peersTimeout, result.GetValue(_peersTimeout)!),
            PeerGrace = Time(_peerGrace, result.GetValue(_peerGrace)!),
            JoinTimeout = Positive(_joinTimeout, result.GetValue(_joinTimeout)!),
            StuckAfter = result.GetValue(_stuckAfter) is { } stuckAfter ? Positive(_stuckAfter, stuckAfter) : SupervisorOptions.DefaultStuckAfter(batchTime),
            ApiKey = environment(ApiKeyVariable(engine))?.Split(',')[0] is { Length: > 0 } key ? key : null,
        };
        CheckGroup(options);
        return options.WithHealthOf(engine);
    }

    private static int DefaultPort(SupervisorRole role) => role switch
    {
        SupervisorRole.Worker => DefaultRpcPort,
        SupervisorRole.Head => DefaultRayPort,
        _ => DefaultApiPort,
    };

    private static string ApiKeyVariable(SupervisedEngine engine) => engine switch
    {
        SupervisedEngine.VLLM => "VLLM_API_KEY",
        SupervisedEngine.SGLang => "SGLANG_API_KEY",
        _ => "LLAMA_API_KEY",
    };

    private void CheckGroup(SupervisorOptions options)
    {
        if (options.Role != SupervisorRole.Leader && !options.Workers.IsEmpty)
            throw new InputException($"{_workers.Name} is given to a {options.Role.ToString().ToLowerInvariant()}; give it to the leader alone.");
        if (!options.Followers.IsEmpty && options.Coordinator is not null)
            throw new InputException($"{_followers.Name} and {_coordinator.Name} exclude each other; give {_followers.Name} to the group's coordinator alone, and {_coordinator.Name} to all others.");
        if (options.Role == SupervisorRole.Member && options.Coordinator is null)
            throw new InputException($"{_coordinator.Name} is missing; a member runs only with its coordinator.");
        if (options.TensorCache is not null && options.Role != SupervisorRole.Worker)
            throw new InputException($"{_tensorCache.Name} is given to a {options.Role.ToString().ToLowerInvariant()}; give it to a worker alone.");
        var grouped = !options.Followers.IsEmpty || options.Coordinator is not null;
        if (grouped && (options.Role == SupervisorRole.Worker || !options.Workers.IsEmpty))
            throw new InputException($"{_followers.Name} and {_coordinator.Name} are for groups of vLLM and SGLang; a llama.cpp leader is given its workers with {_workers.Name}.");
    }

    private int? Rank(ParseResult result)
    {
        var offset = Number(_rankOffset, result.GetValue(_rankOffset)!);
        return result.GetValue(_podIndex) is { } index ? Number(_podIndex, index) + offset : null;
    }

    private static int Number(Option option, string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= MaxRank
        ? number
        : throw new InputException($"{option.Name}: '{(text.Length > 40 ? text[..40] : text)}' is no whole number from 0 to {MaxRank}; give one like 0.");

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
        : throw new InputException($"{_rpcVersion.Name}: '{text}' is no version from {RpcVersion.OldestMajor}.0 on; give one like {RpcVersion.Newest.Major}.{RpcVersion.Newest.Minor}.");
}
