using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster.Engines;

/// <summary>What a container's call of <c>supervise</c> says, as far as the simulation goes.</summary>
internal sealed record EngineSpec
{
    private const string Program = "gpustack-operator";

    /// <summary>Whether it is ready only once it has loaded the model; a llama.cpp worker is ready at once.</summary>
    public bool Loads { get; init; }

    /// <summary>Pods of llama.cpp workers that must serve first, and whose restart is this engine's.</summary>
    public ImmutableArray<string> Workers { get; init; } = [];

    /// <summary>Pods that start their engines for this one's.</summary>
    public ImmutableArray<string> Followers { get; init; } = [];

    /// <summary>The pod whose engine this one is started for; null for none.</summary>
    public string? Coordinator { get; init; }

    /// <summary>The port that the engine listens on.</summary>
    public int Port { get; init; }

    /// <summary>How long a frozen engine is looked at.</summary>
    public TimeSpan StuckAfter { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>How long another supervisor may be silent.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The container's environment, where it is given by value.</summary>
    public ImmutableDictionary<string, string> Environment { get; init; } = ImmutableDictionary<string, string>.Empty;

    public IEnumerable<string> Peers => Coordinator is null ? Workers.Concat(Followers) : [Coordinator];

    /// <summary>Null when the container does not run <c>supervise</c>.</summary>
    public static EngineSpec? Of(JsonObject container)
    {
        var words = Words(container, "command").Concat(Words(container, "args")).ToArray();
        var start = Array.IndexOf(words, "supervise");
        if (start < 1 || !words[start - 1].Split('/')[^1].StartsWith(Program, StringComparison.Ordinal))
            return null;
        var options = Options(words.Skip(start + 1).TakeWhile(w => w != "--")).ToLookup(o => o.Name, o => o.Value, StringComparer.Ordinal);
        var isWorker = string.Equals(options["--role"].FirstOrDefault(), "worker", StringComparison.OrdinalIgnoreCase);
        var coordinator = options["--coordinator"].Select(Pod).FirstOrDefault();
        return new EngineSpec
        {
            Loads = !isWorker || coordinator is not null,
            Workers = [.. options["--worker"].Select(Pod)],
            Followers = [.. options["--follower"].Select(Pod)],
            Coordinator = coordinator,
            Port = int.TryParse(options["--engine-port"].FirstOrDefault(), out var port) ? port : isWorker ? 50052 : 8000,
            StuckAfter = Time(options["--stuck-after"].FirstOrDefault(), TimeSpan.FromSeconds(120)),
            Grace = Time(options["--worker-grace"].FirstOrDefault(), TimeSpan.FromSeconds(10)),
            Environment = Variables(container),
        };
    }

    private static IEnumerable<(string Name, string Value)> Options(IEnumerable<string> words)
    {
        string? name = null;
        foreach (var word in words)
        {
            if (word.StartsWith("--", StringComparison.Ordinal))
            {
                var equals = word.IndexOf('=', StringComparison.Ordinal);
                if (equals > 0)
                    yield return (word[..equals], word[(equals + 1)..]);
                name = equals > 0 ? null : word;
            }
            else if (name is not null)
            {
                yield return (name, word);
            }
        }
    }

    /// <summary>The first label of a pod's host name is the pod's name.</summary>
    private static string Pod(string host) => host.Split('.', ':', '=')[0];

    private static TimeSpan Time(string? text, TimeSpan otherwise)
    {
        var (digits, unit) = text switch
        {
            null => ("", TimeSpan.Zero),
            [.., 'm', 's'] => (text[..^2], TimeSpan.FromMilliseconds(1)),
            [.., 's'] => (text[..^1], TimeSpan.FromSeconds(1)),
            [.., 'm'] => (text[..^1], TimeSpan.FromMinutes(1)),
            [.., 'h'] => (text[..^1], TimeSpan.FromHours(1)),
            _ => (text, TimeSpan.FromSeconds(1)),
        };
        return double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number * unit : otherwise;
    }

    private static IEnumerable<string> Words(JsonObject container, string field) =>
        (container[field] as JsonArray)?.Select(w => w.AsText() ?? "") ?? [];

    private static ImmutableDictionary<string, string> Variables(JsonObject container)
    {
        var variables = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var variable in (container["env"] as JsonArray)?.OfType<JsonObject>() ?? [])
        {
            // Only what decides about faults is worth the memory.
            if (variable["name"].AsText() is { } name && name.StartsWith("NCCL_", StringComparison.Ordinal) && variable["value"].AsText() is { } value)
                variables[string.Intern(name)] = string.Intern(value);
        }
        return variables.ToImmutable();
    }
}
