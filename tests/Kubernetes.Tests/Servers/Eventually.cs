namespace GpuStack.Kubernetes.Tests.Servers;

/// <summary>Waits for what nothing tells of, such as the end of a process.</summary>
internal static class Eventually
{
    public static async Task IsTrueAsync(Func<bool> state)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!state())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(30), "It did not come to pass within 30 s.");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }
}
