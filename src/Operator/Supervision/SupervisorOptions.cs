using System.Collections.Immutable;
using System.Net;
using GpuStack.Operator.Supervision.Groups;
using GpuStack.Operator.Supervision.Rpc;
using GpuStack.Operator.Supervision.Workers;

namespace GpuStack.Operator.Supervision;

/// <summary>What <c>supervise</c> was told.</summary>
internal sealed record SupervisorOptions
{
    public static readonly TimeSpan LeastStuckAfter = TimeSpan.FromSeconds(120);

    public required SupervisorRole Role { get; init; }

    public SupervisedEngine Engine { get; init; } = SupervisedEngine.LlamaCpp;

    /// <summary>The engine's program and its arguments; at least the program.</summary>
    public required ImmutableArray<string> Command { get; init; }

    /// <summary>Where the engine listens: the RPC port of a worker, the API port of a leader, Ray's port of a head; a member's is not looked at.</summary>
    public required int EnginePort { get; init; }

    /// <summary>Where the supervisor answers; 0 takes a free port.</summary>
    public int StatusPort { get; init; } = 50053;

    /// <summary>The address that the supervisor answers on; null for all, IPv4 and IPv6.</summary>
    public IPAddress? StatusAddress { get; init; }

    /// <summary>False: when the engine ends, so does the supervisor, with the engine's exit code.</summary>
    public bool Restart { get; init; } = true;

    /// <summary>From the signal that asks to stop, without <see cref="Drain"/>, to SIGKILL.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>How long a ready engine goes on after the signal, for the endpoints to be taken away.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.Zero;

    /// <summary>From the engine's start until it must be ready.</summary>
    public TimeSpan StartupTimeout { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The workers of a leader, in the order of <c>--rpc</c>.</summary>
    public ImmutableArray<WorkerEndpoint> Workers { get; init; } = [];

    /// <summary>Where the workers' supervisors answer.</summary>
    public int WorkerStatusPort { get; init; } = 50053;

    /// <summary>Where a worker of llama.cpp keeps tensors; null for nowhere.</summary>
    public string? TensorCache { get; init; }

    /// <summary>How long workers may be missing before the state is Stalled.</summary>
    public TimeSpan WorkersTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a worker of a running engine may leave questions unanswered.</summary>
    public TimeSpan WorkerGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The other pods of a group, for its coordinator.</summary>
    public ImmutableArray<PeerEndpoint> Followers { get; init; } = [];

    /// <summary>The coordinator of the group, for all others; null without a group and for the coordinator itself.</summary>
    public PeerEndpoint? Coordinator { get; init; }

    /// <summary>How long others of the group may be missing before the state is Stalled.</summary>
    public TimeSpan PeersTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long others of a running group may leave questions unanswered, or run an engine of another epoch.</summary>
    public TimeSpan PeerGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>From the start of the coordinator's engine until those of all followers must run.</summary>
    public TimeSpan JoinTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The protocol of the leader's own client; null when it was not told, and then all workers must speak one.</summary>
    public RpcVersion? RpcVersion { get; init; }

    /// <summary>How long an engine may show no progress.</summary>
    public TimeSpan StuckAfter { get; init; } = LeastStuckAfter;

    /// <summary>Sent to the engine's metrics endpoint; null when it wants none. Secret.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Between two looks at workers and engine.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Between two looks at an engine that starts.</summary>
    public TimeSpan StartPollInterval { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Between two looks at the health of an engine that is ready; null for <see cref="PollInterval"/>.</summary>
    public TimeSpan? HealthInterval { get; init; }

    /// <summary>For one answer of the engine's health; null for <see cref="PollTimeout"/>.</summary>
    public TimeSpan? HealthTimeout { get; init; }

    /// <summary>The engine's health is a generation of its own: one that stays bad is a hang, whether or not there are requests.</summary>
    public bool HealthIsProgress { get; init; }

    /// <summary>For one answer to a poll.</summary>
    public TimeSpan PollTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>For everything that one worker is asked before the engine starts.</summary>
    public TimeSpan HelloTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>From SIGTERM to SIGKILL for an engine that must start anew.</summary>
    public TimeSpan KillAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The larger of 120 s and five times the time of a batch.</summary>
    public static TimeSpan DefaultStuckAfter(TimeSpan batchTime) => batchTime * 5 > LeastStuckAfter ? batchTime * 5 : LeastStuckAfter;

    /// <summary>
    /// How each engine's health is asked. vLLM and SGLang write a line to their log for each question. SGLang answers after a second at the
    /// earliest, and after 20 s if nothing comes from its scheduler, to which it hands a request of one token unless others run.
    /// </summary>
    public SupervisorOptions WithHealthOf(SupervisedEngine engine) => engine switch
    {
        SupervisedEngine.VLLM => this with { StartPollInterval = PollInterval, HealthInterval = TimeSpan.FromSeconds(5), HealthTimeout = TimeSpan.FromSeconds(5) },
        SupervisedEngine.SGLang => this with
        {
            StartPollInterval = PollInterval,
            HealthInterval = TimeSpan.FromSeconds(10),
            HealthTimeout = TimeSpan.FromSeconds(25),
            HealthIsProgress = true,
        },
        _ => this,
    };

    /// <summary>Without the API key.</summary>
    public override string ToString() => $"{Role} on port {EnginePort}";
}
