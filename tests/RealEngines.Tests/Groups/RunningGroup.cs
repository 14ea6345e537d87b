using GpuStack.RealEngines.Groups;

namespace GpuStack.RealEngines.Tests.Groups;

/// <summary>One group for all tests of a class, which do to it what they want one after another.</summary>
public sealed class RunningGroup : IAsyncLifetime
{
    private readonly TinyModelFile _model = new();
    private RealGroup? _group;

    internal RealGroup Group => _group!;

    public async ValueTask InitializeAsync()
    {
        await _model.InitializeAsync();
        _group = await RealGroup.StartAsync(
            new RealGroupOptions { Programs = _model.Programs, Model = _model.Model, StuckAfter = TimeSpan.FromSeconds(3) },
            TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        _group?.Dispose();
        return _model.DisposeAsync();
    }
}
