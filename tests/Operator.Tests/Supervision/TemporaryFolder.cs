namespace GpuStack.Operator.Tests.Supervision;

/// <summary>Where scripts leave signs for their test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("supervise");

    public string File(string name) => Path.Combine(_folder.FullName, name);

    public async Task UntilExistsAsync(string name)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30), TimeProvider.System);
        while (!System.IO.File.Exists(File(name)))
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, limit.Token);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
