namespace GpuStack.Operator.Supervision.Workers;

/// <summary>
/// A worker's cache of tensors on its node's disk. <c>ggml-rpc-server</c> does not start with a cache that it cannot write to, and a folder of
/// the host that the kubelet makes belongs to root: without the cache the worker serves all the same, and loads more slowly.
/// </summary>
internal static class TensorCache
{
    /// <summary>What <c>ggml-rpc-server</c> keeps tensors with, in the subfolder <c>rpc</c> of <c>LLAMA_CACHE</c>.</summary>
    private const string Flag = "-c";

    private const string Subfolder = "rpc";

    /// <summary>The options with the cache, where there is one that can be used; else it is said, in the log and on the board, why not.</summary>
    public static SupervisorOptions Prepare(SupervisorOptions options, SupervisorBoard board, SupervisorLog log)
    {
        if (options.TensorCache is not { } folder)
            return options;
        if (Problem(folder) is not { } problem)
            return options with { Command = options.Command.Add(Flag) };
        var note = $"tensors are not cached: {problem}; give the node's folder to the pod's user (chown 1000:1000), or set engine.tensorCache: Disabled";
        log.Say(note);
        board.Update(current => current with { Note = note });
        return options;
    }

    /// <summary>Why nothing can be kept in the folder, without a full stop; null when it can.</summary>
    private static string? Problem(string folder)
    {
        var path = Path.Combine(folder, Subfolder);
        try
        {
            Directory.CreateDirectory(path);
            using var probe = new FileStream(Path.Combine(path, $".probe-{Guid.NewGuid():N}"), new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                Options = FileOptions.DeleteOnClose,
            });
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"{path} cannot be written to ({exception.Message.TrimEnd('.')})";
        }
    }
}
