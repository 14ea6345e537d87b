using GpuStack.Operator.Supervision.Rpc;

namespace GpuStack.Operator.Supervision.Workers;

/// <summary>Whether a worker is what the plan counts on. Pure.</summary>
internal static class WorkerJudge
{
    /// <summary>What is wrong with it, in one sentence without a full stop that names the worker; null when it fits.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="ours">The version of the leader's client; null when that is not known.</param>
    /// <param name="report">What the worker said.</param>
    /// <param name="first">The first worker and its version, which all others must share while the leader's is not known.</param>
    public static string? Problem(WorkerEndpoint worker, RpcVersion? ours, RpcReport report, (WorkerEndpoint Worker, RpcVersion Version)? first = null)
    {
        var name = $"worker {worker} (RPC {report.Version})";
        if (ours is null && first is var (other, version) && (version.Major, version.Minor) != (report.Version.Major, report.Version.Minor))
            return $"{name} speaks another version than worker {other} (RPC {version}); run all from one image";
        if (ours is not null && !ours.Accepts(report.Version))
        {
            var why = report.Version.Major == ours.Major ? "a newer minor version than the leader's" : "another major version than the leader's";
            return $"{name} speaks {why} {ours}; run both from one image";
        }
        var needs = worker.NeedBytes;
        // A protocol that is newer than this program is asked for its version alone.
        if (needs.IsEmpty || report.Devices.IsDefault)
            return null;
        if (report.Devices.Length != needs.Length)
            return $"{name} has {Devices(report.Devices.Length)} where the plan counts on {needs.Length}";
        for (var device = 0; device < needs.Length; device++)
        {
            var free = report.Devices[device].Free;
            var need = (ulong)needs[device];
            if (free < need)
                return $"{name} has {Size(free)} free on device {device} and the plan needs {Size(need)}: {need - free} bytes ({Size(need - free)}) are missing; something else uses the GPU";
        }
        return null;
    }

    private static string Devices(int count) => count == 1 ? "1 device" : $"{count} devices";

    private static string Size(ulong bytes) => bytes >= 1 << 30 ? $"{bytes / (double)(1 << 30):0.##} GiB" : $"{bytes / (double)(1 << 20):0.##} MiB";
}
