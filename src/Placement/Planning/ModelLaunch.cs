using GpuStack.Modeling;

namespace GpuStack.Placement.Planning;

/// <summary>A model and what its engine is started with: all that decides how much memory a placement takes.</summary>
public abstract record ModelLaunch
{
    /// <summary>The engine that serves the model.</summary>
    public abstract PlacementEngine Engine { get; }

    /// <summary>The model's name, for messages.</summary>
    public abstract string ModelName { get; }

    /// <summary>Tokens of one request, prompt and answer together.</summary>
    public abstract Tokens ContextLength { get; }

    /// <summary>The same launch with another context length.</summary>
    /// <param name="length">Tokens of one request.</param>
    /// <returns>The launch.</returns>
    public abstract ModelLaunch WithContext(Tokens length);

    /// <summary>The same launch with a cache of fewer bits.</summary>
    /// <returns>The launch and the value of <c>engine.kvCacheType</c> that asks for it; null when the cache has few bits already.</returns>
    public abstract (ModelLaunch Launch, string KvCacheType)? WithSmallerCache();
}
