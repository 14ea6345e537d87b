using GpuStack.Operator.Supervision.Rpc;

namespace GpuStack.Operator.Supervision.Workers;

/// <summary>Whether a worker is what the plan counts on. Pure.</summary>
internal static class WorkerJudge
{
    /// <summary>What is wrong with it, in one sentence without a full stop that names the worker; null when it fits.</summary>
    public static string? Problem(WorkerEndpoint worker, RpcVersion ours, RpcReport report)
    {
        var name = $"worker {worker} (RPC {report.Version})";
        if (!ours.Accepts(report.Version))
        {
            var why = report.Version.Major == ours.Major ? "a newer minor version than the leader's" : "another major version than the leader's";
            return $"{name} speaks {why} {ours}; run both from one image";
        }
        var needs = worker.NeedBytes;
        if (needs.IsEmpty)
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
