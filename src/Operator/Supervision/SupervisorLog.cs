namespace GpuStack.Operator.Supervision;

/// <summary>The supervisor's own words, between the engine's: one line each on standard error, with a prefix and the time.</summary>
internal sealed class SupervisorLog(TextWriter writer, TimeProvider time)
{
    private readonly Lock _gate = new();

    public void Say(string message)
    {
        lock (_gate)
        {
            try
            {
                writer.WriteLine($"[supervise] {time.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {message}");
                writer.Flush();
            }
            catch (IOException)
            {
                // Nobody reads the log any more; the engine goes on.
            }
        }
    }
}
