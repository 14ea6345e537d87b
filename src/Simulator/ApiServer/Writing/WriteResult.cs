using System.Text.Json.Nodes;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.Writing;

/// <summary>What a write made.</summary>
/// <param name="Stored">The version stored; null for a dry run.</param>
/// <param name="Body">The object in the version asked for, when it is not the stored bytes.</param>
/// <param name="Created">Whether it is new.</param>
/// <param name="Warnings">Texts of Warning headers.</param>
internal sealed record WriteResult(StoredObject? Stored, JsonObject? Body, bool Created, IReadOnlyList<string> Warnings);
