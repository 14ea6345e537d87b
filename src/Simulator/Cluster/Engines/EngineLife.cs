using System.Collections.Immutable;

namespace GpuStack.Simulator.Cluster.Engines;

/// <summary>
/// A supervised engine from state to state. Pure: a state, what the peers show and the time give the next state; a step that changes
/// nothing gives the same object. See decision 0009 for what is simulated here.
/// <para>
/// A llama.cpp leader waits until its workers serve, and starts anew when one of their engines is another. In a group the coordinator waits
/// until its followers' supervisors answer and starts; the followers start for that start (their epoch); whoever ends makes all start anew:
/// a follower's end is the coordinator's restart, and that begins another epoch.
/// </para>
/// </summary>
internal static class EngineLife
{
    /// <summary>From SIGTERM to SIGKILL for an engine that is stuck.</summary>
    private static readonly TimeSpan KillAfter = TimeSpan.FromSeconds(5);

    public static EngineState Step(
        EngineSpec spec, EngineState state, Func<string, PeerView?> peer, EngineFault? fault, TimeSpan loadTime, DateTimeOffset now)
    {
        if (state.Phase == EnginePhase.Stopping)
            return state;
        if (state.Phase == EnginePhase.Stuck)
            return state.Until <= now ? Failed(spec, state, new EngineExit(null, 9, "the engine was stuck and has been killed"), now) : state;
        if (state.StartTime is null)
            return state.Until > now ? state : Start(spec, state, peer, loadTime, now);
        state = Hear(spec, state, peer, now);
        if (Lost(spec, state, peer, now) is { } why)
            return spec.Followers.IsEmpty ? Waits(state, new EngineExit(null, 15, why), now) : Failed(spec, state, new EngineExit(null, 15, why), now);
        state = Join(spec, state, peer);
        if (state.FrozenSince + spec.StuckAfter <= now)
            return state with { Phase = EnginePhase.Stuck, Until = now + KillAfter, ReadySince = null, Message = "the engine makes no progress" };
        if (state.Phase == EnginePhase.Starting && state.Until <= now && state.FrozenSince is null)
            return Loaded(spec, state, peer, fault, now);
        return state;
    }

    /// <summary>When it must be looked at again; null for not by itself.</summary>
    public static DateTimeOffset? Due(EngineSpec spec, EngineState state)
    {
        // One that froze while it loaded never has its weights.
        var due = state is { Phase: EnginePhase.Starting, FrozenSince: not null } ? null : state.Until;
        if (state.Phase is EnginePhase.Starting or EnginePhase.Running && state.FrozenSince + spec.StuckAfter is { } stuck && (due is null || stuck < due))
            due = stuck;
        foreach (var (_, since) in state.StartTime is null ? [] : state.Silent)
        {
            if (due is null || since + spec.Grace < due)
                due = since + spec.Grace;
        }
        return due;
    }

    /// <summary>The engine's process is gone.</summary>
    public static EngineState Ended(EngineState state, EngineExit exit, DateTimeOffset now) => state with
    {
        StartTime = null,
        ReadySince = null,
        FrozenSince = null,
        HangsSince = null,
        WeightsLoaded = false,
        EpochLeft = state.Epoch ?? state.EpochLeft,
        Epoch = null,
        LastExit = exit with { Time = now },
        Partners = ImmutableDictionary<string, DateTimeOffset>.Empty,
        Silent = ImmutableDictionary<string, DateTimeOffset>.Empty,
    };

    /// <summary>
    /// The engine has ended by itself, or a group's by whatever: its coordinator counts the failures and backs off for all. A follower goes back
    /// to waiting for the coordinator's next engine.
    /// </summary>
    public static EngineState Failed(EngineSpec spec, EngineState state, EngineExit exit, DateTimeOffset now) =>
        spec.Coordinator is null ? EngineRestarts.Failed(state, exit, now) : Waits(state, exit, now);

    private static EngineState Waits(EngineState state, EngineExit exit, DateTimeOffset now) =>
        Ended(state, exit, now) with { Phase = EnginePhase.Waiting, Until = null, Message = exit.Reason };

    private static EngineState Start(EngineSpec spec, EngineState state, Func<string, PeerView?> peer, TimeSpan loadTime, DateTimeOffset now)
    {
        if (Missing(spec, state, peer) is { Length: > 0 } missing)
        {
            var message = $"waiting for {string.Join(", ", missing)}";
            return state.Phase == EnginePhase.Waiting && state.Message == message
                ? state : state with { Phase = EnginePhase.Waiting, Until = null, Message = message };
        }
        // The times that /status gives have microseconds.
        var start = now > state.LastStart ? now : state.LastStart.AddMicroseconds(1);
        return state with
        {
            Phase = EnginePhase.Starting,
            StartTime = start,
            LastStart = start,
            Starts = state.Starts + 1,
            Until = spec.Loads ? now + loadTime : now,
            Message = "",
            Epoch = spec.Coordinator is { } coordinator ? peer(coordinator)!.StartTime : null,
            Partners = spec.Workers.ToImmutableDictionary(w => w, w => peer(w)!.StartTime!.Value),
        };
    }

    private static string[] Missing(EngineSpec spec, EngineState state, Func<string, PeerView?> peer) =>
    [
        .. spec.Workers.Where(w => peer(w) is not { Serves: true }),
        .. spec.Followers.Where(f => peer(f) is null),
        .. spec.Coordinator is { } coordinator && !(peer(coordinator)?.StartTime is { } epoch && epoch != state.EpochLeft) ? [coordinator] : Array.Empty<string>(),
    ];

    /// <summary>Notes who has fallen silent and who answers again.</summary>
    private static EngineState Hear(EngineSpec spec, EngineState state, Func<string, PeerView?> peer, DateTimeOffset now)
    {
        var silent = state.Silent;
        foreach (var name in spec.Peers)
        {
            if (peer(name) is not null)
                silent = silent.Remove(name);
            else if (!silent.ContainsKey(name))
                silent = silent.Add(name, now);
        }
        return ReferenceEquals(silent, state.Silent) ? state : state with { Silent = silent };
    }

    /// <summary>Why the engine cannot go on for its peers' sake; null when it can.</summary>
    private static string? Lost(EngineSpec spec, EngineState state, Func<string, PeerView?> peer, DateTimeOffset now)
    {
        foreach (var (name, since) in state.Silent)
        {
            if (now - since >= spec.Grace)
                return $"{name} does not answer";
        }
        foreach (var (name, start) in state.Partners)
        {
            if (peer(name) is { } partner && partner.StartTime != start)
                return $"the engine of {name} is another";
        }
        return spec.Coordinator is { } coordinator && peer(coordinator) is { } head && head.StartTime != state.Epoch
            ? $"the engine of {coordinator} is another" : null;
    }

    /// <summary>Followers that were started for this engine are its partners.</summary>
    private static EngineState Join(EngineSpec spec, EngineState state, Func<string, PeerView?> peer)
    {
        foreach (var follower in spec.Followers)
        {
            if (!state.Partners.ContainsKey(follower) && peer(follower) is { StartTime: { } start } view && view.Epoch == state.StartTime)
                state = state with { Partners = state.Partners.Add(follower, start) };
        }
        return state;
    }

    private static EngineState Loaded(EngineSpec spec, EngineState state, Func<string, PeerView?> peer, EngineFault? fault, DateTimeOffset now)
    {
        if (spec.Followers.Any(f => !state.Partners.ContainsKey(f) || peer(f) is not { Serves: true }))
            return state.WeightsLoaded ? state : state with { WeightsLoaded = true };
        if (fault?.Strikes(spec) is not true)
            return state with { Phase = EnginePhase.Running, Until = null, ReadySince = now, WeightsLoaded = true, NcclFailure = null, NcclFailureTime = null };
        if (fault.Hangs)
            return state with { Until = null, WeightsLoaded = true, HangsSince = now };
        return Failed(spec, state, new EngineExit(1, null, "the engine has ended"), now) with { NcclFailure = fault.Line, NcclFailureTime = now };
    }
}
