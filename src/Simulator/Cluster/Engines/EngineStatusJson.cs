using System.Text.Json.Nodes;

namespace GpuStack.Simulator.Cluster.Engines;

/// <summary>The answer of <c>/status</c> (decision 0009).</summary>
internal static class EngineStatusJson
{
    private const int StatusPort = 50053;

    public static JsonObject Of(EngineSpec spec, EngineState state, DateTimeOffset now)
    {
        var engine = new JsonObject { ["running"] = state.StartTime is not null, ["restarts"] = state.Restarts };
        if (state.StartTime is { } start)
        {
            engine["pid"] = 10 + state.Starts;
            engine["startTime"] = Text(start);
        }
        if (state.LastExit is { } exit)
            engine["lastExit"] = Exit(exit);
        var status = new JsonObject
        {
            ["engine"] = engine,
            ["listening"] = state.Ready ? new JsonArray(spec.Port, StatusPort) : new JsonArray(StatusPort),
            ["state"] = state.Phase.ToString(),
            ["message"] = state.Message,
            ["version"] = "simulated",
            ["nccl"] = new JsonObject
            {
                ["weightsLoaded"] = state.WeightsLoaded,
                ["failure"] = state.NcclFailure,
                ["failureTime"] = state.NcclFailureTime is { } failed ? Text(failed) : null,
                ["hangSeconds"] = state.HangsSince is { } hangs ? (long)(now - hangs).TotalSeconds : null,
            },
        };
        if (state.Epoch is { } epoch)
            status["epoch"] = Text(epoch);
        return status;
    }

    private static JsonObject Exit(EngineExit exit)
    {
        var json = new JsonObject { ["time"] = Text(exit.Time), ["reason"] = exit.Reason };
        if (exit.Code is { } code)
            json["code"] = code;
        if (exit.Signal is { } signal)
            json["signal"] = signal;
        return json;
    }

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
